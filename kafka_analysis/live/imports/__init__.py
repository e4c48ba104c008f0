"""Make captures of history and of saved pages."""
