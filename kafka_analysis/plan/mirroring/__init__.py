"""Which task of a replicator mirrors which topic."""
