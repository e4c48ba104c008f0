"""Take out of executed notebooks what differs from run to run: times, paths, process output."""

from __future__ import annotations

import copy

import nbformat

_KEPT_CELL_METADATA = ("tags", "jupyter", "editable", "slideshow")
_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy with the metadata that is the same in every run; sources, outputs and counts stay.

    Cells get ids by their position, so that two runs of one notebook differ only where its answers do.
    """
    result = copy.deepcopy(notebook)
    result.metadata = nbformat.from_dict(_NOTEBOOK_METADATA)
    for position, cell in enumerate(result.cells):
        kept = {name: value for name, value in cell.metadata.items() if name in _KEPT_CELL_METADATA}
        cell.metadata = nbformat.from_dict(kept)
        cell["id"] = f"cell-{position:02d}"
    result.nbformat, result.nbformat_minor = 4, 5
    return result
