"""Known failures of MirrorMaker 2, found in what was recorded."""
