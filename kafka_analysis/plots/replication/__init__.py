"""Figures of tools that copy between clusters."""
