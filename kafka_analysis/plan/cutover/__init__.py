"""What to do about a cut-over that may not be: how to mend what blocks it, room in a cell, and the way back."""
