"""The routing table: where every client writes and reads, now and at each step of a migration."""
