"""Tables of migration waves."""
