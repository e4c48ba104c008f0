"""Figures of sizing."""
