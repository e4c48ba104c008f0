"""When the level of one series changed, found without knowing when it should have."""
