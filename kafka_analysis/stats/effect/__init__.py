"""How much one series changed between two windows, with an interval that holds."""
