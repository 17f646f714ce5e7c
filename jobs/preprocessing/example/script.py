"""Reads every CSV file of INPUT_DIR, drops trips that cannot be, and writes the rest and a summary by pick-up zone."""

import csv
import os
from pathlib import Path

from taxi_quality import fault_of, summarize

source, target = Path(os.environ["INPUT_DIR"]), Path(os.environ["OUTPUT_DIR"])
trips = []
for path in sorted(source.rglob("*.csv")):
    with path.open(newline="", encoding="utf-8") as lines:
        trips.extend(csv.DictReader(lines))
print(f"{len(trips)} trips read")

clean = [trip for trip in trips if fault_of(trip) is None]
faults = {}
for trip in trips:
    if (fault := fault_of(trip)) is not None:
        faults[fault] = faults.get(fault, 0) + 1
print(f"{len(clean)} trips kept; dropped: {dict(sorted(faults.items()))}")

with (target / "trips.csv").open("w", newline="", encoding="utf-8") as lines:
    writer = csv.DictWriter(lines, fieldnames=list(trips[0]) if trips else [])
    writer.writeheader()
    writer.writerows(clean)
zones = summarize(clean)
with (target / "zones.csv").open("w", newline="", encoding="utf-8") as lines:
    writer = csv.DictWriter(lines, fieldnames=["PULocationID", "trips", "fare", "distance"])
    writer.writeheader()
    writer.writerows(zones)
print(f"{len(zones)} zones")
