"""Files that belong to a page: written beside it and linked, or folded into the notebook where nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path

from kafka_analysis.model.summary import safe_name
from kafka_analysis.model.units import format_quantity
from kafka_analysis.report.blocks import Block
from kafka_analysis.report.summary import SUMMARY_DIR

MOST_SHOWN = 45_000
_FOLDER = "files"
_FOR_PEOPLE = ".md"


def files(texts: Mapping[str, Mapping[str, str]], *, notebook: str) -> Block:
    """Show the files a notebook made, a list per cluster.

    Parameters
    ----------
    texts
        Cluster → name of a file → its text, the names without folders.
    notebook
        Name of the notebook without ``.ipynb``.

    Returns
    -------
    Block
        Run by ``kafka-analysis report``, the files are written to ``files/<notebook>/<cluster>/`` of the run and linked
        from the page. Elsewhere, as in JupyterLab, nothing is written: files for people (``.md``) can be unfolded, as
        long as all that is shown has no more than 45,000 letters, and the others are named.

    Examples
    --------
    >>> files({"monolith": {"plan.md": "# Plan", "plan.json": "{}"}}, notebook="30_rebalance_plan")
    monolith: plan.md (6 B), plan.json (2 B)
    >>> files({}, notebook="30_rebalance_plan")
    no files
    """
    folder = os.environ.get(SUMMARY_DIR)
    if not any(texts.values()):
        return Block(html='<section class="ka-block"><p>There are no files.</p></section>', plain="no files")
    plain = "\n".join(
        f"{cluster}: {', '.join(f'{name} ({_size(text)})' for name, text in own.items())}"
        for cluster, own in texts.items()
    )
    if folder:
        places = _write(texts, Path(folder), notebook)
        body = "".join(_links(cluster, own, places[cluster]) for cluster, own in texts.items())
    else:
        body = _folded(texts)
    return Block(html=f'<section class="ka-block ka-files" aria-label="Files">{body}</section>', plain=plain)


def _write(texts: Mapping[str, Mapping[str, str]], folder: Path, notebook: str) -> dict[str, str]:
    """Write the files and return each cluster's folder, relative to the page, no two the same."""
    places: dict[str, str] = {}
    for cluster, own in texts.items():
        place = f"{_FOLDER}/{safe_name(notebook)}/{safe_name(cluster)}"
        while place in places.values():
            place += "-"
        places[cluster] = place
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name, text in own.items():
            (folder / place / safe_name(name)).write_text(text, encoding="utf-8")
    return places


def _links(cluster: str, own: Mapping[str, str], place: str) -> str:
    """List links: files of the whole first, the numbered ones of its parts folded below."""
    links = {
        name: f'<li><a href="{place}/{safe_name(name)}">{escape(name)}</a> ({_size(text)})</li>'
        for name, text in own.items()
    }
    parts = [name for name in links if any(letter.isdigit() for letter in name)]
    whole = "".join(link for name, link in links.items() if name not in parts)
    more = _fold(f"{len(parts)} more files", f"<ul>{''.join(links[name] for name in parts)}</ul>")
    head = f"<p><strong>{escape(cluster)}</strong>: <code>{place}/</code></p>"
    return f"{head}<ul>{whole}</ul>{more if parts else ''}"


def _folded(texts: Mapping[str, Mapping[str, str]]) -> str:
    left, parts = MOST_SHOWN, []
    for cluster, own in texts.items():
        parts.append(f"<p><strong>{escape(cluster)}</strong></p>")
        rest = []
        for name, text in own.items():
            if name.endswith(_FOR_PEOPLE) and len(text) <= left:
                left -= len(text)
                parts.append(_fold(f"{escape(name)} ({_size(text)})", f"<pre>{escape(text)}</pre>"))
            else:
                rest.append(f"{escape(name)} ({_size(text)})")
        parts.append(_fold(f"{len(rest)} not shown here", f"<p>{', '.join(rest)}</p>") if rest else "")
    told = "Nothing was written. Run by <code>kafka-analysis report</code>, the page links these files."
    return f"<p>{told}</p>{''.join(parts)}"


def _fold(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>{body}</details>"


def _size(text: str) -> str:
    return format_quantity(len(text.encode()), "B")
