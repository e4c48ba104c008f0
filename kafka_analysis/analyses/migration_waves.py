"""Migration waves: in which order topics and clients cut over, when, and what each wave risks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.analyses.topics_and_clients import notes_of, topics_and_clients
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.cells import cells_of, read_cells
from kafka_analysis.model.parameters.planning import MigrationWavesParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class MigrationWaves(Answer):
    """A plan for each source: waves of topics and clients with their times, risks and steps."""

    topic_waves: Annotated[pl.DataFrame, "the wave and the cell of each topic"]
    client_waves: Annotated[
        pl.DataFrame, "the waves of each client, and for how long it needs source and target at once"
    ]
    waves: Annotated[pl.DataFrame, "each wave: topics, clients, bytes, risk, times"]
    steps: Annotated[pl.DataFrame, "what happens when: first copy, waiting, cut-over, soak"]
    retention: Annotated[pl.DataFrame, "topics that delete records before they are copied"]
    topics: Annotated[pl.DataFrame, "traffic, size and settings of each topic planned for"]
    flows: Annotated[pl.DataFrame, "who uses which topic, with owners and evidence"]


@analysis(MigrationWavesParameters)
def migration_waves(capture: Capture | None, parameters: MigrationWavesParameters) -> MigrationWaves:
    """Put topics and clients into waves that cut over one after the other, with times and steps.

    Returns
    -------
    MigrationWaves
        Judged by records that retention would delete before they are copied, and by the riskiest wave.
    """
    scope, read = topics_and_clients(capture, parameters)
    cells = read_cells(parameters.cells) if capture is None else cells_of(capture.path, parameters.cells)
    planned = plan.plan_source_waves(
        cells, read.flows, read.topics, families=read.families, together=tuple(map(frozenset, parameters.together)),
        start=parameters.first_copy or _first_copy(scope), **parameters.plan_options(),
    )  # fmt: skip
    return MigrationWaves(
        parameters=parameters,
        scope=scope,
        results=tuple(plan.wave_results(planned, coverage=scope.coverage)),
        notes=(*notes_of(scope, read), *plan.wave_notes(planned)),
        files=plan.source_wave_files(planned),
        topics=read.topics,
        flows=read.flows,
        **plan.wave_frames(planned),
    )


def _first_copy(scope: Scope) -> datetime:
    """Return when the first copy may begin: the end of the window, the next full hour where there is none."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return stats.span(scope.windows)[1] or now + timedelta(hours=1)
