"""Scores households with a saved model, a batch at a time, so that memory does not grow with their number.

    score_households.py REQUEST RESULT

REQUEST is a JSON file: `model`, `features` (names the model must have been trained on, in this order), `matrix` (path, rows and
columns of a little-endian float32 matrix, row by row), `ids` (path of the rows' little-endian int64 identifiers), `batchRows` and
`output` (CSV to write: identifier, score). RESULT becomes a JSON file with rows and peak memory. Needs numpy and xgboost only.
"""

import json
import os
import resource
import sys

import numpy
import xgboost


def main(request_path, result_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    booster = xgboost.Booster(model_file=request["model"])
    booster.set_param({"nthread": int(os.environ.get("OMP_NUM_THREADS", "1"))})
    if booster.feature_names != request["features"]:
        sys.exit(f"{request['model']} was trained on other features than its feature list says")
    rows, columns = request["matrix"]["rows"], request["matrix"]["columns"]
    if columns != len(request["features"]):
        sys.exit(f"the matrix has {columns} columns, the model {len(request['features'])} features")
    width = columns * 4
    done = 0
    with (
        open(request["matrix"]["path"], "rb") as matrix,
        open(request["ids"], "rb") as ids,
        open(request["output"], "w", encoding="utf-8") as output,
    ):
        while done < rows:
            count = min(request["batchRows"], rows - done)
            values = numpy.frombuffer(matrix.read(count * width), dtype="<f4").reshape(count, columns)
            names = numpy.frombuffer(ids.read(count * 8), dtype="<i8")
            scores = booster.inplace_predict(values)
            # Nine digits are enough to tell every float32 from its neighbours.
            output.writelines(f"{name},{score:.9g}\n" for name, score in zip(names.tolist(), scores.tolist()))
            done += count
            print(f"scored {done} of {rows}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump({"rows": done, "peakMemoryMiB": round(peak)}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
