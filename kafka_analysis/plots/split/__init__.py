"""Figures of splits into cells."""
