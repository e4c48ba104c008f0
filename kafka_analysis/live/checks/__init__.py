"""Look what is reachable and what a page holds."""
