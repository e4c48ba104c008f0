"""Traffic over time, by kind and between two windows."""
