"""Decide and prove Kafka migrations."""
