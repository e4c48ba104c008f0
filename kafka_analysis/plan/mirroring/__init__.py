"""Which tool mirrors topics, and which of its tasks mirrors which topic."""
