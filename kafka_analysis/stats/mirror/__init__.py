"""How far replicas are behind their sources."""
