"""Prepare a cut-over: commands that make the target like the source, and that take this back."""
