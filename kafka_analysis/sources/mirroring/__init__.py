"""Read what MirrorMaker 2 stores in topics of its own: its positions, checkpoints, offset syncs and connectors."""
