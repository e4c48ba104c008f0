"""How unevenly a load lies, since when, and why."""
