"""Which trips cannot be."""


def fault_of(trip: dict[str, str]) -> str | None:
    """The first rule that a trip breaks: `fare`, `distance` or `time`; None when it breaks none."""
    if not trip["fare_amount"] or float(trip["fare_amount"]) <= 0:
        return "fare"
    if not trip["trip_distance"] or float(trip["trip_distance"]) <= 0:
        return "distance"
    # Both are ISO 8601 of the same form, so their order is that of the texts.
    return None if trip["tpep_dropoff_datetime"] > trip["tpep_pickup_datetime"] else "time"
