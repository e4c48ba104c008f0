"""Figures of skew and its causes."""
