"""Connected things: record a capture, look into a source, check what is reachable."""
