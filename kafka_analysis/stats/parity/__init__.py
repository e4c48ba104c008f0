"""Compare the two ends of a migration: what the clients of a wave find at the target, and what they had."""
