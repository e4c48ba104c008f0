"""Figures of rebalance plans."""
