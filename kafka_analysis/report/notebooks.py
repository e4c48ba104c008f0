"""Find the notebooks: those carried by the installed package, else those of the checkout."""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from kafka_analysis.model.errors import InputError

_HERE = Path(__file__).resolve().parent
# What JupyterLab writes by itself: new notebooks, checkpoints, and those it is just saving.
_NOT_CHOSEN = re.compile(r"Untitled\d*|.*-checkpoint|\..*")


@dataclass(frozen=True)
class Notebook:
    """A notebook that can be run: where it is, what it asks, which parameters its cell names."""

    name: str
    path: Path
    title: str
    question: str
    parameters: tuple[str, ...]


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: package data of a wheel, else ``notebooks/`` of the checkout."""
    installed = _HERE / "notebooks"
    return installed if installed.is_dir() else _HERE.parents[1] / "notebooks"


def find_notebooks(folder: Path | None = None) -> dict[str, Notebook]:
    """Return every notebook of a folder by name, in the order of their numbers.

    Those of :func:`left_out` are not among them.

    Parameters
    ----------
    folder
        Where to look; by default the package's own notebooks.

    Returns
    -------
    dict[str, Notebook]
        Keys are file names without ``.ipynb``.

    Raises
    ------
    InputError
        The folder holds no notebook.
    """
    where = notebooks_folder() if folder is None else folder
    notebooks = {path.stem: read_notebook(path) for path in _files(where) if not _is_left_out(path)}
    if not notebooks:
        raise InputError(f"no notebooks in {where}; install the package again or give a folder that has some")
    return notebooks


def left_out(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the files that are no notebooks of a report, as JupyterLab names what it makes by itself.

    These are ``Untitled.ipynb``, ``Untitled1.ipynb`` and so on, ``*-checkpoint.ipynb`` and hidden files.

    Parameters
    ----------
    folder
        Where to look; by default the package's own notebooks.
    """
    where = notebooks_folder() if folder is None else folder
    return tuple(path.name for path in _files(where) if _is_left_out(path))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.ipynb") if path.is_file())


def _is_left_out(path: Path) -> bool:
    return _NOT_CHOSEN.fullmatch(path.stem) is not None


def read_notebook(path: Path) -> Notebook:
    """Read title and question from the first Markdown text, parameter names from the tagged notebook cell."""
    content = nbformat.read(path, as_version=4)
    texts = (cell.source for cell in content.cells if cell.cell_type == "markdown")
    title, question = title_and_question(next(texts, ""))
    tagged = (cell.source for cell in content.cells if "parameters" in cell.metadata.get("tags", []))
    names = tuple(name for source in tagged for name in _assigned(source))
    return Notebook(path.stem, path, title or path.stem, question, names)


def title_and_question(markdown: str) -> tuple[str, str]:
    r"""Return the heading and the first paragraph below it, without marks.

    Examples
    --------
    >>> title_and_question("# Partition skew\n\n**Which brokers carry\ntoo much?**\n\nMore.")
    ('Partition skew', 'Which brokers carry too much?')
    """
    heading, _, rest = markdown.strip().partition("\n")
    titled = heading.startswith("# ")
    first, *_ = (rest if titled else markdown).strip().split("\n\n")
    return _plain(heading[2:]) if titled else "", _plain(" ".join(first.split()))


def _plain(text: str) -> str:
    return text.replace("**", "").replace("`", "").strip("*_ ")


def _assigned(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id


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
