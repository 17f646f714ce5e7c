"""Trains a response model: gradient-boosted trees on a matrix that the job prepared.

    train_response.py REQUEST RESULT

REQUEST is a JSON file: `matrix` (path, rows and columns of a little-endian float32 matrix, row by row, NaN for what is missing; its
first columns are split (0 train, 1 validation, 2 test), label and weight, then the features), `features` (names), `parameters`,
`rounds`, `patience` and `model` (path to write). RESULT becomes a JSON file with the metrics and the model's scores of the
test split. Needs numpy and xgboost only.
"""

import json
import platform
import resource
import sys

import numpy
import xgboost

SPLITS = ("train", "validation", "test")
BESIDE = 3


class Progress(xgboost.callback.TrainingCallback):
    """A line every fifty rounds."""

    def after_iteration(self, model, epoch, evals_log):
        if epoch % 50 == 0:
            print(f"round {epoch}: validation logloss {evals_log['validation']['logloss'][-1]:.5f}", flush=True)
        return False


def area_under_curve(label, score):
    """How often a responder's score is above another's, ties counting half."""
    _, place, count = numpy.unique(score, return_inverse=True, return_counts=True)
    rank = (numpy.cumsum(count) - (count - 1) / 2)[place]
    positives = int(label.sum())
    negatives = len(label) - positives
    if positives == 0 or negatives == 0:
        return None
    return float((rank[label == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def log_loss(label, score):
    bounded = numpy.clip(score.astype("f8"), 1e-7, 1 - 1e-7)
    return float(-numpy.mean(label * numpy.log(bounded) + (1 - label) * numpy.log(1 - bounded)))


def main(request_path, result_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    shape = request["matrix"]
    values = numpy.fromfile(shape["path"], dtype="<f4").reshape(shape["rows"], shape["columns"])
    features = request["features"]
    assert shape["columns"] == len(features) + BESIDE, "columns are not split, label, weight and the features"
    threads = request["parameters"]["nthread"]
    data = {}
    for code, split in enumerate(SPLITS):
        part = values[values[:, 0] == code]
        given = {"label": part[:, 1], "weight": part[:, 2], "feature_names": features, "nthread": threads}
        data[split] = xgboost.DMatrix(part[:, BESIDE:], **given)
    history = {}
    booster = xgboost.train(
        request["parameters"],
        data["train"],
        num_boost_round=request["rounds"],
        evals=[(data["train"], "train"), (data["validation"], "validation")],
        early_stopping_rounds=request["patience"],
        evals_result=history,
        callbacks=[Progress()],
        verbose_eval=False,
    )
    # Only the trees that count are kept, so that whoever loads the model need not know where to stop.
    booster = booster[: booster.best_iteration + 1]
    # Two attributes say where training stopped; the model says it by its number of trees.
    booster.set_attr(best_iteration=None, best_score=None)
    booster.save_model(request["model"])

    metrics = {}
    for split in SPLITS:
        label, score = data[split].get_label(), booster.predict(data[split])
        metrics[split] = {
            "rows": len(label),
            "responders": int(label.sum()),
            "rate": float(label.mean(dtype="f8")),
            "meanScore": float(score.mean(dtype="f8")),
            "auc": area_under_curve(label, score),
            "logLoss": log_loss(label, score),
        }
    score = booster.predict(data["test"])
    kinds = {kind: booster.get_score(importance_type=kind) for kind in ("total_gain", "gain", "cover", "weight")}
    total = sum(kinds["total_gain"].values()) or 1.0
    importance = [
        {
            "feature": name,
            "gainShare": kinds["total_gain"][name] / total,
            "gain": kinds["gain"][name],
            "cover": kinds["cover"][name],
            "splits": int(kinds["weight"][name]),
        }
        for name in sorted(kinds["total_gain"], key=lambda name: (-kinds["total_gain"][name], name))
    ]
    result = {
        "metrics": metrics,
        "trees": booster.num_boosted_rounds(),
        "importance": importance,
        "testScores": [float(value) for value in score],
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
