"""Which topic and client goes into which cell."""
