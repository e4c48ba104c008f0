"""Figures of migration waves."""
