"""Which replicas and leaders of one cluster move where, and what that costs."""
