"""CloudWatch Logs Insights: queries in its own language over the events of log groups."""
