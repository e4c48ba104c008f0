"""Tables of splits into cells."""
