"""Figures of what brokers, topics and partitions carry."""
