"""Figures of traffic over time and between windows."""
