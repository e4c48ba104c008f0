"""Saved pages on disk."""
