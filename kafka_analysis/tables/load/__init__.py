"""Tables of what brokers, topics and partitions carry."""
