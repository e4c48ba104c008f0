"""Read and write the files of Kafka's own tools, and plain tables in place of a capture."""
