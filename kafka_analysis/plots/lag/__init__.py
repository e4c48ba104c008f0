"""Figures of consumer lag: how far groups are behind, and how much of the retention that takes."""
