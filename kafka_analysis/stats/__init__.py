"""Statistics as pure functions on frames: rates, windows, coverage, load, skew, throughput, verdicts."""
