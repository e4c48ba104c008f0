"""One module per source of raw rows, dialects as data."""
