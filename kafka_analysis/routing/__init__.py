"""The reference client that follows a routing table: the only thing here that writes, and only for its user."""
