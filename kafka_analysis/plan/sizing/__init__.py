"""How many brokers of which type carry a workload, and what they cost: two published models side by side."""
