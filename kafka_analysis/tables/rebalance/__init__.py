"""Tables of rebalance plans."""
