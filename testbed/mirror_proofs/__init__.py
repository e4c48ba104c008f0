"""What the analysis of replication says, held against MirrorMaker 2 at work between two real clusters."""
