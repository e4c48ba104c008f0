"""In which order topics and clients cut over: waves, their times, what to check and how to go back."""
