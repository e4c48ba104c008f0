"""The parameters of the notebook that is running: those of its parameters cell, and those injected below it."""

import ast
from typing import Any

_INJECTED = "# Parameters"  # how papermill begins the cell it injects
_PLAIN = (str, int, float, bool, list, dict, type(None))
_FIRST = "capture"


def notebook_parameters() -> dict[str, Any]:
    """Return the parameters of the running notebook by name, also unknown ones: an analysis refuses them.

    Returns
    -------
    dict
        The names assigned in the parameters cell, which assigns ``capture``, and in the cell that papermill injects,
        with their values now.

    Raises
    ------
    RuntimeError
        No notebook is running.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("no notebook is running; call the analysis with the parameters themselves")
    cells = _parameter_cells(shell.user_ns.get("In", []))
    assigned = dict.fromkeys(name for source in cells for name in _assigned(source))
    names = assigned or _plain_values(shell)
    return {name: shell.user_ns[name] for name in names if name in shell.user_ns}


def _plain_values(shell: Any) -> list[str]:
    """Return the names that hold plain values: for a runner that keeps no history of cells, such as nbval."""
    return [
        name
        for name, value in shell.user_ns.items()
        if not name.startswith("_") and name not in shell.user_ns_hidden and isinstance(value, _PLAIN)
    ]


def _parameter_cells(sources: list[str]) -> list[str]:
    """Return the last parameters cell that ran and, where it ran after it, the last injected one."""
    cells = [index for index, source in enumerate(sources) if _FIRST in _assigned(source)]
    injected = [index for index, source in enumerate(sources) if source.startswith(_INJECTED)]
    written = [index for index in cells if index not in injected][-1:]
    return [sources[index] for index in (*written, *injected[-1:])]


def _assigned(source: str) -> list[str]:
    """Return the names that a notebook cell assigns, if it does nothing else."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    if not all(isinstance(node, ast.Assign) for node in body):
        return []
    return [target.id for node in body for target in node.targets if isinstance(target, ast.Name)]
