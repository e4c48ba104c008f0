"""Tables of sizing."""
