"""Figures of blast radius."""
