"""Plans computed from statistics: pure and deterministic."""
