"""Files that belong to a page: written beside it and linked, or folded into the notebook where nothing is written."""

import os
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from kafka_analysis.model.markup import block, element
from kafka_analysis.model.summary import safe_name, safe_names
from kafka_analysis.model.units import format_quantity
from kafka_analysis.report.blocks import Block
from kafka_analysis.report.summary import SUMMARY_DIR

MOST_SHOWN = 45_000
_FOLDER = "files"
_FOR_PEOPLE = ".md"
_TEXT = "padding:8px 12px;white-space:pre-wrap;overflow-wrap:break-word"


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
    if not any(texts.values()):
        return Block(html=block("There are no files."), plain="no files")
    plain = "\n".join(
        f"{cluster}: {', '.join(f'{name} ({_size(text)})' for name, text in by_name.items())}"
        for cluster, by_name in texts.items()
    )
    folder = os.environ.get(SUMMARY_DIR)
    if folder:
        places = _write(texts, Path(folder), notebook)
        parts = [
            part for cluster, by_name in texts.items() for part in _links(cluster, by_name, places[cluster])
        ]
    else:
        parts = _folded(texts)
    return Block(html=block(*parts, css="ka-files"), plain=plain)


def _write(texts: Mapping[str, Mapping[str, str]], folder: Path, notebook: str) -> dict[str, str]:
    """Write the files and return each cluster's folder, relative to the page, no two the same."""
    base = f"{_FOLDER}/{safe_name(notebook)}"
    places = {cluster: f"{base}/{name}" for cluster, name in safe_names(texts).items()}
    for cluster, by_name in texts.items():
        place = places[cluster]
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name, text in by_name.items():
            (folder / place / safe_name(name)).write_text(text, encoding="utf-8")
    return places


def _links(cluster: str, by_name: Mapping[str, str], place: str) -> list[Markup]:
    """List links: files of the whole first, the numbered ones of its parts folded below."""
    links = {
        name: element("li", element("a", name, href=f"{place}/{safe_name(name)}"), f" ({_size(text)})")
        for name, text in by_name.items()
    }
    parts = [link for name, link in links.items() if any(letter.isdigit() for letter in name)]
    whole = [link for link in links.values() if link not in parts]
    head = element("div", element("strong", cluster), ": ", element("code", f"{place}/"))
    more = [_fold(f"{len(parts)} more files", element("ul", *parts))] if parts else []
    return [head, element("ul", *whole), *more]


def _folded(texts: Mapping[str, Mapping[str, str]]) -> list[Markup]:
    hint = "These files were not written. In a page made by kafka-analysis report they are links."
    left, parts = MOST_SHOWN, [element("div", hint)]
    for cluster, by_name in texts.items():
        parts.append(element("div", element("strong", cluster), style="margin:10px 0 0"))
        rest = []
        for name, text in by_name.items():
            if name.endswith(_FOR_PEOPLE) and len(text) <= left:
                left -= len(text)
                parts.append(_fold(f"{name} ({_size(text)})", element("pre", text, style=_TEXT)))
            else:
                rest.append(f"{name} ({_size(text)})")
        parts += [_fold(f"{len(rest)} not shown here", ", ".join(rest))] if rest else []
    return parts


def _fold(summary: str, body: str) -> Markup:
    return element("details", element("summary", summary), body)


def _size(text: str) -> str:
    return format_quantity(len(text.encode()), "B")
