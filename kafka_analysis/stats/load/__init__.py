"""What topics, brokers, racks and partitions carry and store."""
