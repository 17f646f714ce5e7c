"""Trips by the zone in which they began."""

from collections import defaultdict
from decimal import Decimal


def summarize(trips: list[dict[str, str]]) -> list[dict[str, object]]:
    """Trips, fares (dollars) and distance (miles) of each zone, by its number; sums are exact."""
    zones: dict[int, list] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for trip in trips:
        zone = zones[int(trip["PULocationID"])]
        zone[0] += 1
        zone[1] += Decimal(trip["fare_amount"])
        zone[2] += Decimal(trip["trip_distance"])
    return [
        {"PULocationID": number, "trips": count, "fare": fare, "distance": distance}
        for number, (count, fare, distance) in sorted(zones.items())
    ]
