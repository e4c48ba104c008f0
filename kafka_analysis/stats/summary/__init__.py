"""One page over the summaries of a run: what matters, what to do next, what is not known."""
