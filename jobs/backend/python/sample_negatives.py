"""Selects negatives by Metropolis-Hastings, so that the training sample is distributed over cells as the target population is.

    sample_negatives.py REQUEST RESULT

The state of a chain is a set of `take` negatives. In the training sample a responder counts once and a selected negative `weight` times, so
that together they are as many as all candidates, N. The chain's target density is such that the cells' (weighted) counts c are distributed
as those of N households drawn from the target population with cell shares p: multinomial(c; N, p) ** sharpness, with gamma functions for
factorials. Sets with the same counts are equally likely, so the density of one set is that divided by the number of sets with its
counts, the product of binomials C(m, s) (m negatives of a cell, s of them selected). A proposal exchanges a selected negative, drawn
evenly, for one that is not selected, drawn evenly: it is symmetric, and its ratio of densities needs the two cells only. A cell without
a household in the target has the share of half a household.

REQUEST is a JSON file: `dimensions`, `cells` (values per dimension, target, responders, negatives), `negatives` (cell of each candidate),
`take`, `chains`, `burnInSweeps`, `sweeps`, `sharpness`, `seed`. RESULT becomes a JSON file with the diagnostics and the set in which
the first chain ended. Needs numpy only.
"""

import json
import math
import resource
import sys

import numpy

LAGS = (1, 2, 5, 10, 20)


def distance(counts, shares):
    """Total variation between counts and shares."""
    return float(numpy.abs(counts / counts.sum() - shares).sum() / 2)


class Chain:
    """One chain: a random set to begin with, exchanged member by member."""

    def __init__(self, request, generator):
        cells = request["cells"]
        target = numpy.array([cell["target"] for cell in cells], dtype="f8")
        smoothed = numpy.where(target > 0, target, 0.5)
        self.shares = target / target.sum()
        self.log_share = numpy.log(smoothed / smoothed.sum())
        self.sharpness = request["sharpness"]
        self.generator = generator
        self.cell = numpy.array(request["negatives"], dtype="i8")
        self.available = numpy.bincount(self.cell, minlength=len(cells))
        order = generator.permutation(len(self.cell))
        self.inside = order[: request["take"]]
        self.outside = order[request["take"] :]
        self.selected = numpy.bincount(self.cell[self.inside], minlength=len(cells))
        self.responders = numpy.array([cell["responders"] for cell in cells])
        self.weight = len(self.cell) / request["take"]

    @property
    def counts(self):
        """Of the cells, as the training sample is weighted."""
        return self.responders + self.weight * self.selected

    def sweep(self):
        """As many proposals as there are members. Returns how many were accepted."""
        size = len(self.inside)
        leaving = self.generator.integers(0, size, size).tolist()
        coming = self.generator.integers(0, len(self.outside), size).tolist()
        chance = numpy.log(self.generator.random(size)).tolist()
        inside, outside = self.inside.tolist(), self.outside.tolist()
        cell, available = self.cell.tolist(), self.available.tolist()
        selected, log_share, responders = self.selected.tolist(), self.log_share.tolist(), self.responders.tolist()
        weight, sharpness, log, gamma, accepted = self.weight, self.sharpness, math.log, math.lgamma, 0
        for leave, come, bound in zip(leaving, coming, chance):
            old, new = cell[inside[leave]], cell[outside[come]]
            if old != new:
                less = responders[old] + weight * (selected[old] - 1) + 1
                more = responders[new] + weight * selected[new] + 1
                ratio = weight * (log_share[new] - log_share[old])
                ratio += gamma(less + weight) - gamma(less) + gamma(more) - gamma(more + weight)
                ratio *= sharpness
                ratio += log(available[old] - selected[old] + 1) - log(selected[old])
                ratio += log(selected[new] + 1) - log(available[new] - selected[new])
                if bound >= ratio:
                    continue
                selected[old] -= 1
                selected[new] += 1
            inside[leave], outside[come] = outside[come], inside[leave]
            accepted += 1
        self.inside, self.outside = numpy.array(inside), numpy.array(outside)
        self.selected = numpy.array(selected)
        return accepted

    def distance(self):
        return distance(self.counts, self.shares)


def autocorrelation(values, lag):
    centred = values - values.mean()
    variance = float((centred**2).sum())
    return float((centred[lag:] * centred[: len(values) - lag]).sum() / variance) if variance > 0 else 0.0


def autocorrelation_time(traces):
    """Integrated over the lags up to the first at which the mean autocorrelation is no longer above 0."""
    time = 1.0
    for lag in range(1, traces.shape[1] // 2):
        mean = float(numpy.mean([autocorrelation(trace, lag) for trace in traces]))
        if mean <= 0:
            break
        time += 2 * mean
    return time


def scale_reduction(traces):
    """Gelman and Rubin's R-hat."""
    length = traces.shape[1]
    within = float(traces.var(axis=1, ddof=1).mean())
    between = float(traces.mean(axis=1).var(ddof=1)) if len(traces) > 1 else 0.0
    return math.sqrt((within * (length - 1) / length + between) / within) if within > 0 else 1.0


def by_dimension(request, counts, shares):
    """Distance within each dimension alone."""
    result = {}
    for position, name in enumerate(request["dimensions"]):
        values = [cell["values"][position] for cell in request["cells"]]
        kinds, place = numpy.unique(values, return_inverse=True)
        total = numpy.bincount(place, weights=counts, minlength=len(kinds))
        share = numpy.bincount(place, weights=shares, minlength=len(kinds))
        result[name] = distance(total, share)
    return result


def main(request_path, result_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    burn_in, sweeps = request["burnInSweeps"], request["sweeps"]
    traces, accepted, first, before = [], 0, None, None
    for number in range(request["chains"]):
        chain = Chain(request, numpy.random.default_rng([request["seed"], number]))
        trace = [chain.distance()]
        if number == 0:
            first, before = chain, chain.counts
        for sweep in range(burn_in + sweeps):
            moved = chain.sweep()
            accepted += moved if sweep >= burn_in else 0
            trace.append(chain.distance())
        traces.append(trace)
        print(f"chain {number}: distance {trace[0]:.4f} at random, {trace[-1]:.4f} after {burn_in + sweeps} sweeps", flush=True)
    settled = numpy.array([trace[burn_in + 1 :] for trace in traces])
    time = autocorrelation_time(settled)
    dimensions_before = by_dimension(request, before, first.shares)
    dimensions_after = by_dimension(request, first.counts, first.shares)
    diagnostics = {
        "cells": len(request["cells"]),
        "responders": sum(cell["responders"] for cell in request["cells"]),
        "selected": request["take"],
        "candidates": len(request["negatives"]),
        "chains": request["chains"],
        "burnInSweeps": burn_in,
        "sweeps": sweeps,
        "acceptance": accepted / (request["chains"] * sweeps * request["take"]),
        "autocorrelation": [
            {"lag": lag, "value": float(numpy.mean([autocorrelation(trace, lag) for trace in settled]))}
            for lag in LAGS
            if lag < sweeps
        ],
        "autocorrelationTime": time,
        "effectiveSamples": settled.size / time,
        "rHat": scale_reduction(settled),
        "distance": {
            "joint": {"before": traces[0][0], "after": traces[0][-1]},
            "dimensions": {
                name: {"before": dimensions_before[name], "after": dimensions_after[name]}
                for name in request["dimensions"]
            },
        },
        "trace": traces[0],
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(
            {"diagnostics": diagnostics, "selected": sorted(int(place) for place in first.inside), "peakMemoryMiB": round(peak)},
            file,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
