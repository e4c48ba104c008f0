"""Summaries made by hand, of any notebook: lights, figures and findings as a test needs them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kafka_analysis.model.findings import Coverage, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CAPTURE = SummaryCapture(id="c-1", start=NOW, end=NOW, sha256="a" * 64)


def figure(name: str, value: float | None, **more: Any) -> Figure:
    return Figure(name=name, label=more.pop("label", name), value=value, **more)


def finding(light: str, title: str, action: str = "", detail: str = "") -> Finding:
    return Finding(light=Light(light), title=title, detail=detail, action=action)


def answer(cluster: str, light: str, sentence: str = "So it is.", *parts: Figure | Finding) -> SummaryResult:
    """Return the answer for a cluster, with figures and findings in any order."""
    return SummaryResult.of(
        Result(
            cluster=cluster,
            verdict=Verdict(light=Light(light), sentence=sentence),
            figures=tuple(part for part in parts if isinstance(part, Figure)),
            findings=tuple(part for part in parts if isinstance(part, Finding)),
            coverage=Coverage(expected=1, seen=1),
        )
    )


def summary(notebook: str, *results: SummaryResult, **more: Any) -> Summary:
    return Summary(
        **{
            "notebook": notebook,
            "created_at": NOW,
            "tool_version": "0",
            "capture": CAPTURE,
            "results": results,
            **more,
        }
    )
