"""What an analysis looks at: clusters, topics, windows, snapshots, and how much of it was scraped."""
