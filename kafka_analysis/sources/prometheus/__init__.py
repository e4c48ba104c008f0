"""Servers with Prometheus' HTTP API."""
