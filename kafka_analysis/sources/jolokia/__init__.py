"""Jolokia agents."""
