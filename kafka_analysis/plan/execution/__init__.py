"""How a rebalance plan is carried out: batches, throttles, times, files for Kafka's own tools."""
