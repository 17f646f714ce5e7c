"""ListDashboards over awsJson: `LastModified` as epoch seconds, as the protocol has it.

ministack answers every client with an ISO 8601 text, and converts only members named `Timestamp`; an SDK that speaks awsJson
refuses the whole answer.
"""

from ministack.services import cloudwatch


def install() -> None:
    convert = cloudwatch._json_timestamps

    def with_dashboards(value):
        converted = convert(value)
        if isinstance(converted, dict) and "DashboardEntries" in converted:
            entries = converted["DashboardEntries"]
            return {
                **converted,
                "DashboardEntries": [
                    {**entry, "LastModified": cloudwatch._json_timestamp(entry["LastModified"])} for entry in entries
                ],
            }
        return converted

    cloudwatch._json_timestamps = with_dashboards
