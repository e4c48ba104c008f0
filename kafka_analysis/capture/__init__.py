"""The on-disk data set: write, read, merge, repair and redact captures."""
