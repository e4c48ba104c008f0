"""Decide and prove Kafka migrations: from one self-managed cluster to many Amazon MSK cells.

Begin with :func:`read_capture`, and ask a question of ``analyses``. The way of the data: ``sources`` → ``capture`` →
``stats``, ``plan`` → ``analyses`` → ``plots``, ``tables`` → notebooks → ``report``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafka_analysis import analyses, plan, plots, report, stats, tables
    from kafka_analysis.capture.read import Capture, read_capture

__all__ = ["Capture", "analyses", "plan", "plots", "read_capture", "report", "stats", "tables"]


def __getattr__(name: str) -> Any:
    """Import what is used when it is first used, so that statistics need neither Jupyter nor Matplotlib."""
    if name in ("Capture", "read_capture"):
        return getattr(import_module("kafka_analysis.capture.read"), name)
    if name in __all__:
        return import_module(f"kafka_analysis.{name}")
    raise AttributeError(f"module 'kafka_analysis' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    """List what there is for an analyst's own notebook."""
    return __all__
