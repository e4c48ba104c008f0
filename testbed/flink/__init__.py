"""Flink as a replicator: a small job that copies topics, with Flink's own metrics."""
