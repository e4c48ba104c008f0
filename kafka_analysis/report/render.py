"""Render an executed notebook as one HTML file that needs no network, no script and no other file."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kafka_analysis.capture.identity import tool_version
from kafka_analysis.model.parameters.executive import ExecutiveSummaryParameters
from kafka_analysis.model.summary import Summary, SummaryCapture
from kafka_analysis.model.units import (
    capitalized,
    format_duration,
    format_quantity,
    format_time,
    shortened,
)
from kafka_analysis.report.arrange import arrange
from kafka_analysis.report.earlier import Earlier
from kafka_analysis.report.outcome import NotebookOutcome
from kafka_analysis.report.sanitize import sanitize
from kafka_analysis.report.table_links import link_tables

TEMPLATES = Path(__file__).resolve().parent / "templates"
LARGEST_PAGE = 5_000_000
LONGEST_SENTENCE = 160
_EXPORTING = Lock()
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STEPS = {
    "timeout": "Give it more time with --timeout, or a shorter window with -p.",
    "dead": "Free memory, run fewer notebooks at once with --workers 1, or give a shorter window with -p.",
    "error": "Read the last line of the traceback; it names what was wrong and what is allowed.",
    "large": "Show fewer rows or smaller figures, or exclude topics with -p.",
    "unrecorded": "Let the last notebook cell call record_summary with the notebook's own name.",
}


Step = tuple[str, str]


@dataclass(frozen=True)
class Neighbours:
    """Title and page of the notebook before and of the one after, None at the ends."""

    previous: Step | None = None
    following: Step | None = None


def render_notebook(
    notebook: nbformat.NotebookNode,
    *,
    outcome: NotebookOutcome,
    summary: Summary,
    created_at: datetime,
    earlier: Earlier | None = None,
    neighbours: Neighbours | None = None,
) -> str:
    """Return the page of a completed notebook.

    Parameters
    ----------
    notebook
        The executed notebook; what its outputs hold is untrusted and made harmless.
    outcome
        Its name, title and question.
    summary
        Its summary, for the capture it rests on.
    created_at
        When the report was made.
    earlier
        What earlier runs say of the notebook, for how its figures went since.
    neighbours
        The pages before and after it.

    Returns
    -------
    str
        HTML with all images inside, the answer first and the code folded.
    """
    fragment = sanitize(BeautifulSoup(_cells_as_html(notebook), "html.parser"))
    link_tables(fragment, notebook, summary.tables)
    content, contents = arrange(
        fragment, after_answer=_over_runs(summary, earlier, outcome.page), page=outcome.page
    )
    return fill(
        "page.html.j2",
        content=Markup(content),  # noqa: S704 - sanitized above
        contents=contents,
        one_page=outcome.notebook == ExecutiveSummaryParameters.notebook,
        outcome=outcome,
        capture=summary.capture,
        created_at=created_at,
        neighbours=neighbours or Neighbours(),
        tables=summary.tables,
    )


def _over_runs(summary: Summary, earlier: Earlier | None, page: str) -> str:
    """Return how the figures and findings of each cluster went over runs; nothing for a first run."""
    if earlier is None or not earlier.past:
        return ""
    rows = [(result, earlier.course(result), earlier.change(result)) for result in summary.results]
    return _environment().get_template("over_runs.html.j2").render(rows=rows, earlier=earlier, page=page)


def step_after(kind: str) -> str:
    """Return what to do about a notebook that failed in some way; nothing where no advice is known.

    Examples
    --------
    >>> step_after("timeout")
    'Give it more time with --timeout, or a shorter window with -p.'
    """
    return _STEPS.get(kind, "")


def render_failure(
    outcome: NotebookOutcome,
    *,
    capture: SummaryCapture,
    traceback: str,
    command: str,
    created_at: datetime,
    neighbours: Neighbours | None = None,
) -> str:
    """Return the page of a failed notebook: the reason, what to do, the traceback folded."""
    steps = list(filter(None, [step_after(outcome.kind)]))
    return fill(
        "failure.html.j2",
        outcome=outcome,
        capture=capture,
        steps=[*steps, "Check the capture with kafka-analysis inspect, then run this notebook alone."],
        traceback=_ANSI.sub("", traceback).strip(),
        command=command,
        created_at=created_at,
        neighbours=neighbours or Neighbours(),
    )


def fill(template: str, **values: Any) -> str:
    """Fill a template of a whole page, escaping all values that are not Markup."""
    css = Markup(stylesheet())  # noqa: S704 - the package's own
    return _environment().get_template(template).render(css=css, tool_version=tool_version(), **values)


@cache
def _environment() -> Environment:
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    templates.filters |= {"moment": format_time, "duration": format_duration}
    templates.filters |= {
        "window": _window,
        "sentence": lambda text: capitalized(shortened(text, LONGEST_SENTENCE)),
        "quantity": lambda figure: format_quantity(figure.value, figure.unit),
    }
    return templates


def _window(capture: SummaryCapture) -> str:
    """Write a window, the day only once when it is the same.

    Examples
    --------
    >>> from datetime import UTC
    >>> start, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, 0, 14, tzinfo=UTC)
    >>> _window(SummaryCapture(id="c", start=start, end=end, sha256=""))
    '2026-01-02 00:00:00 to 00:14:00 UTC'
    """
    start, end = format_time(capture.start).removesuffix(" UTC"), format_time(capture.end)
    same_day = capture.start and capture.end and start[:10] == end[:10]
    return f"{start} to {end[11:] if same_day else end}"


@cache
def stylesheet() -> str:
    """Return the style of every page, highlighted code included."""
    from pygments.formatters import HtmlFormatter

    code = HtmlFormatter(style="xcode", nobackground=True).get_style_defs(".highlight")
    return f"{code}\n{(TEMPLATES / 'report.css').read_text(encoding='utf-8')}"


def _cells_as_html(notebook: nbformat.NotebookNode) -> str:
    with _EXPORTING:  # an exporter keeps filters of the notebook it is at
        body, _ = _exporter().from_notebook_node(notebook)
    return body


@cache
def _exporter() -> Any:
    """Return what makes HTML of notebooks: its templates take longer to be read than a page to be made of them."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
