"""Known failures of MirrorMaker 2, provoked with real servers, with a capture of each and what was done to cause it."""
