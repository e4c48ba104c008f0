"""Tables of blast radius."""
