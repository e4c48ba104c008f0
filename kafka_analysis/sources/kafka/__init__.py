"""Kafka's own protocol: metadata, groups, configurations, log directories."""
