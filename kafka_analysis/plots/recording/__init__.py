"""Figures of what was recorded."""
