"""The parameters cell of a notebook, written from the model: no option is spelled twice."""

import re

from kafka_analysis.model.parameters.common import NotebookParameters

SAMPLE = "../data/sample"
_EXAMPLE = re.compile(r",? such as [^,;]*=[^,;]*")


def parameters_cell(model: type[NotebookParameters]) -> str:
    """Return the source of a notebook's parameters cell: each option with its default and what it means.

    Examples
    --------
    >>> print(parameters_cell(NotebookParameters).splitlines()[0])
    capture = "../data/sample"  # folder of the capture
    """
    lines = []
    for name, field in model.model_fields.items():
        if (field.json_schema_extra or {}).get("is_input"):
            continue
        default = SAMPLE if name == "capture" else field.get_default(call_default_factory=True)
        shown = f'"{default}"' if isinstance(default, str) else _literal(default)
        lines.append(f"{name} = {shown}  # {_comment(field.description or '')}")
    return "\n".join(lines)


def _comment(description: str) -> str:
    """Return a description without an equals sign: papermill cannot read a line that has a second one."""
    return _EXAMPLE.sub("", description.replace(" = ", ": ")).replace("=", " equals ")


def _literal(value: object) -> str:
    """Write a default as a literal, texts in double quotes."""
    return repr(value).replace("'", '"')
