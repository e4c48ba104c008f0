"""What every analysis returns: named frames, the results they lead to, and what both rest on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from html import escape
from inspect import Parameter, Signature, cleandoc
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

import polars as pl

from kafka_analysis.analyses.needs import with_needs
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.findings import Coverage, Result
from kafka_analysis.model.parameters import NotebookParameters, validate_parameters
from kafka_analysis.stats import Window


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Answer:
    """What an analysis found.

    ``results``: verdict, figures and findings of each cluster. ``notes``: what a reader must know about the data.
    ``files``: cluster → name → text, where the analysis writes plans. Every frame is an attribute of its own and in
    ``frames``; ``windows`` and ``coverage`` are those of ``scope``.
    """

    meanings: ClassVar[Mapping[str, str]] = {}

    parameters: NotebookParameters
    scope: Scope
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __init_subclass__(cls) -> None:
        """Collect what each frame means, and list it in the docstring."""
        hints = get_type_hints(cls, include_extras=True)
        own = {name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")}
        cls.meanings = own
        listed = "\n".join(f"{name} : polars.DataFrame\n    {text}" for name, text in own.items())
        cls.__doc__ = f"{cleandoc(cls.__doc__ or '')}\n\nAttributes\n----------\n{listed}"

    @property
    def notebook(self) -> str:
        """Return the name of the notebook that asks this question."""
        return self.parameters.notebook

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Return the frames by name."""
        return {name: getattr(self, name) for name in self.meanings}

    @property
    def clusters(self) -> list[str]:
        """Return the names of the clusters looked at, in their order."""
        return self.scope.names

    @property
    def windows(self) -> Mapping[str, Window]:
        """Return the window each cluster was looked at in."""
        return self.scope.windows

    @property
    def coverage(self) -> Mapping[str, Coverage | None]:
        """Return how much of what was expected was scraped, by cluster."""
        return self.scope.coverage

    @property
    def capture(self) -> Capture | None:
        """Return the capture, narrowed to the windows."""
        return self.scope.recorded

    @property
    def gap_rows(self) -> list[dict[str, Any]]:
        """Return what did not answer within the windows, a row each."""
        return self.scope.gaps.to_dicts()

    @property
    def rejected(self) -> int:
        """Return how many lines of the capture's input were not understood."""
        return 0 if self.capture is None else self.capture.manifest.rejected

    def text(self) -> str:
        """Return the results as plain text."""
        return "\n".join(result.text() for result in self.results)

    def __repr__(self) -> str:
        rows = [f"  .{name}: {_shape(frame)}, {self.meanings[name]}" for name, frame in self.frames.items()]
        return "\n".join([type(self).__name__, self.text(), *rows])

    def _repr_html_(self) -> str:
        results = "".join(
            f"<p><b>{result.verdict.light.symbol} {escape(result.cluster)}:</b> "
            f"{escape(result.verdict.sentence)}</p>"
            for result in self.results
        )
        rows = "".join(
            f'<tr><td style="text-align:left"><code>.{name}</code></td><td>{_shape(frame)}</td>'
            f'<td style="text-align:left">{escape(self.meanings[name])}</td></tr>'
            for name, frame in self.frames.items()
        )
        return f"{results}<table><tbody>{rows}</tbody></table>"


def analysis(
    model: type[NotebookParameters],
) -> Callable[[Callable[[Capture | None, Any], Any]], Callable[..., Any]]:
    """Make an analysis of a function of a capture and its checked parameters.

    The function made takes the capture (or its path) and each parameter of the model as a keyword; its signature and
    docstring list them from the model, so that no option is spelled twice.

    Raises
    ------
    ParameterError
        A parameter is unknown or wrong: one line says what is allowed.
    """

    def decorate(function: Callable[[Capture | None, Any], Any]) -> Callable[..., Any]:
        @wraps(function)
        def ask(capture: Capture | str | Path | None = None, **options: Any) -> Any:
            place = capture.path if isinstance(capture, Capture) else capture
            named = {} if place is None else {"capture": str(place)}
            parameters = validate_parameters(model.notebook, {**named, **options}, model=model)
            opened = capture if isinstance(capture, Capture) or place is None else read_capture(place)
            answer = function(opened, parameters)
            return replace(answer, results=with_needs(answer.results, parameters, answer.scope.whole))

        returns = get_type_hints(function)["return"]
        ask.__signature__ = _signature(model, returns)  # type: ignore[attr-defined]
        ask.__annotations__ = {"return": returns}
        ask.__doc__ = _documented(function.__doc__ or "", model)
        return ask

    return decorate


def _signature(model: type[NotebookParameters], returns: type) -> Signature:
    spelled = {
        name: text
        for base in reversed(model.__mro__)
        for name, text in vars(base).get("__annotations__", {}).items()
    }
    options = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            annotation=spelled[name],
            default=field.get_default(call_default_factory=True),
        )
        for name, field in model.model_fields.items()
        if name != "capture"
    ]
    is_needed = model.model_fields["capture"].is_required()
    capture = Parameter(
        "capture",
        Parameter.POSITIONAL_OR_KEYWORD,
        annotation=Capture | str | Path if is_needed else Capture | str | Path | None,
        default=Parameter.empty if is_needed else None,
    )
    return Signature([capture, *options], return_annotation=returns)


def _documented(text: str, model: type[NotebookParameters]) -> str:
    """Put the model's options in front of the section on what is returned."""
    head, sign, tail = cleandoc(text).partition("Returns\n-------\n")
    options = "\n".join(f"{name}\n    {field.description}" for name, field in model.model_fields.items())
    return f"{head}Parameters\n----------\n{options}\n\n{sign}{tail}"


def _shape(frame: pl.DataFrame) -> str:
    return f"{frame.height:,} rows × {frame.width} columns"
