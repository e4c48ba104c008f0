"""Load generators: real producers and consumers in child processes, which keep a record of what they did."""
