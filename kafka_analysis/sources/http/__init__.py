"""Ask over HTTP, within a deadline and within limits."""
