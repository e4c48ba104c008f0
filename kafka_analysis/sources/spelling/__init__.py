"""How exporters spell Kafka's metrics, and how their lines become canonical samples."""
