"""Record a capture from running clusters."""
