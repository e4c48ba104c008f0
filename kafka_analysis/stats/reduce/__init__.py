"""Reduce raw samples to figures per window: the only code over raw samples."""
