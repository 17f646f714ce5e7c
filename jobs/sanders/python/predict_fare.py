"""Predicts fares with a saved model.

    predict_fare.py MODEL MATRIX COLUMNS OUTPUT

MODEL is what train_fare.py saved; MATRIX a little-endian float32 matrix, row by row, whose first columns are the model's
features, of COLUMNS columns in all; OUTPUT becomes the predictions as little-endian float32.
"""

import os
import sys

import numpy
import xgboost


def main(model, matrix, columns, output):
    booster = xgboost.Booster(model_file=model)
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    booster.set_param({"nthread": threads})
    values = numpy.fromfile(matrix, dtype="<f4").reshape(-1, int(columns))
    data = xgboost.DMatrix(
        values[:, : booster.num_features()],
        feature_names=booster.feature_names,
        feature_types=booster.feature_types,
        nthread=threads,
        enable_categorical=True,
    )
    booster.predict(data).astype("<f4").tofile(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
