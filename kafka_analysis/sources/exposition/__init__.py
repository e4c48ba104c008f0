"""Pages of metrics, line by line."""
