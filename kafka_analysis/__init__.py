"""Decide and prove Kafka migrations: from one self-managed cluster to many Amazon MSK cells.

The way of the data: ``sources`` → ``capture`` → ``stats`` → ``plots``, ``tables`` → notebooks → ``report``.
Begin with :func:`read_capture`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafka_analysis import capture, live, model, plan, plots, report, sources, stats, tables
    from kafka_analysis.capture.read import Capture, read_capture

_NAMESPACES = ("capture", "live", "model", "plan", "plots", "report", "sources", "stats", "tables")

__all__ = [
    "Capture",
    "capture",
    "live",
    "model",
    "plan",
    "plots",
    "read_capture",
    "report",
    "sources",
    "stats",
    "tables",
]


def __getattr__(name: str) -> Any:
    """Import namespaces when they are first used, so that statistics need neither Jupyter nor Matplotlib."""
    if name in _NAMESPACES:
        return import_module(f"kafka_analysis.{name}")
    if name in ("Capture", "read_capture"):
        return getattr(import_module("kafka_analysis.capture.read"), name)
    message = f"module 'kafka_analysis' has no attribute {name!r}"
    raise AttributeError(message)
