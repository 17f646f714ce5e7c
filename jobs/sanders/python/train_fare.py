"""Trains the fare model: gradient-boosted trees on matrices that the job prepared.

    train_fare.py REQUEST RESULT

REQUEST is a JSON file: `columns` (the last is the target), `categorical`, `splits` (train, validation, test: path and rows of
a little-endian float32 matrix, row by row, NaN for what is missing), `parameters`, `rounds`, `patience`, `model` and
`predictions` (paths to write). RESULT becomes a JSON file with the metrics. Needs numpy and xgboost only.
"""

import hashlib
import json
import platform
import resource
import sys

import numpy
import xgboost


class Progress(xgboost.callback.TrainingCallback):
    """A line every hundred rounds."""

    def after_iteration(self, model, epoch, evals_log):
        if epoch % 100 == 0:
            print(f"round {epoch}: validation MAE {evals_log['validation']['mae'][-1]:.4f}", flush=True)
        return False


def read_split(split, columns):
    values = numpy.fromfile(split["path"], dtype="<f4")
    return values.reshape(split["rows"], len(columns))


def mean_absolute_error(predicted, actual):
    return float(numpy.mean(numpy.abs(predicted.astype("f8") - actual)))


def main(request_path, result_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    columns = request["columns"]
    features = columns[:-1]
    types = ["c" if name in request["categorical"] else "float" for name in features]

    def features_of(values):
        return {"data": values[:, :-1], "feature_names": features, "feature_types": types}

    splits = {name: read_split(split, columns) for name, split in request["splits"].items()}
    threads = request["parameters"]["nthread"]
    train = xgboost.QuantileDMatrix(
        **features_of(splits["train"]), label=splits["train"][:, -1], nthread=threads, enable_categorical=True
    )
    validation = xgboost.QuantileDMatrix(
        **features_of(splits["validation"]),
        label=splits["validation"][:, -1],
        nthread=threads,
        enable_categorical=True,
        ref=train,
    )
    history = {}
    booster = xgboost.train(
        request["parameters"],
        train,
        num_boost_round=request["rounds"],
        evals=[(train, "train"), (validation, "validation")],
        early_stopping_rounds=request["patience"],
        evals_result=history,
        callbacks=[Progress()],
        verbose_eval=False,
    )
    best = booster.best_iteration
    # Only the trees that count are kept, so that whoever loads the model need not know where to stop.
    booster = booster[: best + 1]
    booster.save_model(request["model"])

    test = xgboost.DMatrix(**features_of(splits["test"]), nthread=threads, enable_categorical=True)
    predicted = booster.predict(test)
    predicted.astype("<f4").tofile(request["predictions"])
    actual = splits["test"][:, -1].astype("f8")
    mean = float(numpy.mean(splits["train"][:, -1], dtype="f8"))
    residual = predicted.astype("f8") - actual
    with open(request["model"], "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    gains = booster.get_score(importance_type="total_gain")
    total = sum(gains.values()) or 1.0
    result = {
        "mae": mean_absolute_error(predicted, actual),
        "rmse": float(numpy.sqrt(numpy.mean(residual**2))),
        "r2": float(1 - numpy.sum(residual**2) / numpy.sum((actual - actual.mean()) ** 2)),
        "baseline": {"prediction": mean, "mae": mean_absolute_error(numpy.full_like(actual, mean), actual)},
        "validationMae": history["validation"]["mae"][best],
        "trainMae": history["train"]["mae"][best],
        "trees": best + 1,
        "gainShare": {name: round(gain / total, 6) for name, gain in sorted(gains.items(), key=lambda item: -item[1])},
        "modelSha256": digest,
        "versions": {
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "xgboost": xgboost.__version__,
        },
        "peakMemoryMiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)),
    }
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
