"""Which client reads and writes which topic, and who owns both."""
