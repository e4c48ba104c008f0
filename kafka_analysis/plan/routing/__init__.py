"""The routing table: where every client writes and reads, now and at each step of a migration."""

from kafka_analysis.plan.routing.build import build_routing
from kafka_analysis.plan.routing.table import RoutingTable

__all__ = ["RoutingTable", "build_routing"]
