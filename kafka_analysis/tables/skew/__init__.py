"""Tables of skew and its causes."""
