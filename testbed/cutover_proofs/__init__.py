"""Proofs of the cut-over check on real servers: predictions, verdicts, planted faults and the way back."""
