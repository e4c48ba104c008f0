"""The on-disk data set: write and read captures."""
