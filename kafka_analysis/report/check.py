"""Check everything a report needs before any kernel starts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import create_model

from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import InputError, ParameterError, WindowError
from kafka_analysis.model.parameters import PARAMETERS, NotebookParameters, validate_parameters
from kafka_analysis.model.topic_names import check_topic_names
from kafka_analysis.report.config import ALL, Parameters
from kafka_analysis.report.notebooks import Notebook, find_notebooks


@dataclass(frozen=True)
class Job:
    """One notebook to run: its validated parameters and the literals to inject."""

    notebook: Notebook
    parameters: NotebookParameters

    @property
    def injected(self) -> dict[str, Any]:
        """Return the values papermill writes into the notebook: the capture and what is not a default."""
        return {"capture": self.parameters.capture, **self.parameters.given()}


def plan_jobs(
    capture_path: str,
    capture: Capture,
    *,
    only: Sequence[str] = (),
    parameters: Parameters | None = None,
    folder: Path | None = None,
) -> tuple[Job, ...]:
    """Return the jobs of a report, or raise before anything was started or written.

    Parameters
    ----------
    capture_path
        Path of the capture as the notebooks are given it.
    capture
        The same capture, open: its window and clusters bound what the parameters may say.
    only
        Names of the notebooks to run; none means all.
    parameters
        Parameters by notebook name, ``all`` for every notebook.
    folder
        Folder of notebooks other than the package's own.

    Raises
    ------
    InputError
        A notebook is unknown, a parameter wrong (ParameterError) or a window outside the capture
        (WindowError).
    """
    available = find_notebooks(folder)
    chosen = _choose(available, only)
    given = dict(parameters or {})
    for name in given:
        if name != ALL and name not in available:
            raise ParameterError.unknown("notebook", name, [*available, ALL])
    unused = [name for name in given if name != ALL and name not in {book.name for book in chosen}]
    if unused:
        raise ParameterError(
            f"parameters are given for {unused[0]}, which is not run; add --only {unused[0]} or drop them"
        )
    common = given.get(ALL, {})
    jobs = tuple(
        Job(book, _validated(book, capture_path, common | given.get(book.name, {}))) for book in chosen
    )
    for job in jobs:
        _check_cluster(job.parameters, capture)
        _check_windows(job.parameters, capture)
        _check_topics(job.parameters, capture)
    return jobs


def _choose(available: Mapping[str, Notebook], only: Iterable[str]) -> list[Notebook]:
    wanted = list(dict.fromkeys(name.removesuffix(".ipynb") for name in only))
    for name in wanted:
        if name not in available:
            raise InputError.unknown("notebook", name, available)
    return [available[name] for name in sorted(wanted or available)]


def _validated(book: Notebook, capture_path: str, values: Mapping[str, Any]) -> NotebookParameters:
    if "capture" in values:
        raise ParameterError(f"{book.name}: capture is the report's own argument; drop {book.name}:capture")
    return validate_parameters(book.name, {"capture": capture_path, **values}, model=_model(book))


def _model(book: Notebook) -> type[NotebookParameters]:
    """Return the registered model; for a notebook of the user's own, one that knows the names of its cell."""
    if book.name in PARAMETERS:
        return PARAMETERS[book.name]
    names = [name for name in book.parameters if name not in NotebookParameters.model_fields]
    fields: dict[str, Any] = dict.fromkeys(names, (Any, None))
    return create_model(f"Parameters of {book.name}", __base__=NotebookParameters, **fields)


def _check_cluster(parameters: NotebookParameters, capture: Capture) -> None:
    names = [cluster.cluster for cluster in capture.clusters]
    if parameters.cluster is not None and parameters.cluster not in names:
        raise ParameterError.unknown("cluster", parameters.cluster, names)


def _check_topics(parameters: NotebookParameters, capture: Capture) -> None:
    if parameters.topics_exclude:
        topics = capture.known_topics()
        if parameters.cluster is not None:
            topics = topics.filter(cluster=parameters.cluster)
        check_topic_names(parameters.topics_exclude, topics["topic"])


def _check_windows(parameters: NotebookParameters, capture: Capture) -> None:
    for name, start, end in parameters.windows():
        if _outside(start, end, capture.start, capture.end):
            raise WindowError(
                f"the window {name}start {start} to {name}end {end} does not overlap the capture, "
                f"which holds {capture.start} to {capture.end}"
            )


def _outside(
    start: datetime | None, end: datetime | None, first: datetime | None, last: datetime | None
) -> bool:
    too_late = start is not None and last is not None and start >= last
    too_early = end is not None and first is not None and end <= first
    return too_late or too_early
