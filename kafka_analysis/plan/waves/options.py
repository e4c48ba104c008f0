"""Options of a plan of waves, checked before anything is computed."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Amount, Moment
from kafka_analysis.model.units import format_duration, format_time
from kafka_analysis.plan.common.options import Options

LEVELS = ("low", "medium", "high", "critical")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOUR_S, DAY_S = 3600.0, 86400.0
Level = Literal["low", "medium", "high", "critical"]
Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_Share = Annotated[float, Field(gt=0, le=1)]
_Positive = Annotated[Amount, Field(gt=0)]
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(ge=0, le=366 * DAY_S, allow_inf_nan=False)]
_Hour = Annotated[float, Field(ge=0, le=24)]


class WaveOptions(Options):
    """The options of :func:`kafka_analysis.plan.waves.plan.plan_waves`, which says what they mean."""

    start: Moment
    max_share_per_wave: _Share | None = 0.25
    max_bytes_in_per_s_per_wave: _Positive | None = None
    max_clients_per_wave: _Count | None = None
    max_topics_per_wave: _Count | None = None
    max_backfill_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    first_wave_share: _Share | None = None
    move_last: tuple[Level, ...] = ("critical",)
    together: tuple[frozenset[str], ...] = ()
    wave_weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    replication_bytes_per_s: Annotated[Amount, Field(ge=1)] | None = None
    bandwidth_uncertainty: Annotated[float, Field(ge=0, lt=1)] = 0.25
    arriving_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    replicate_in_parallel: bool = False
    replication_factor: _Count = 3
    holding_s: _Seconds = 6 * HOUR_S
    freezes: tuple[tuple[Moment, Moment], ...] = ()
    cutover_s: Annotated[float, Field(gt=0, le=7 * DAY_S)] = 2 * HOUR_S
    cutover_hours: tuple[_Hour, _Hour] | None = None
    cutover_days: tuple[Day, ...] = DAYS
    soak_s: _Seconds = DAY_S
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @property
    def open_hours(self) -> tuple[float, float]:
        """Return when a day's cut-overs may begin and must have ended, in hours after its midnight.

        Examples
        --------
        >>> WaveOptions(start="2026-01-05", cutover_hours=(22, 4)).open_hours
        (22.0, 28.0)
        """
        first, last = self.cutover_hours or (0.0, 24.0)
        return first, last if last > first else last + 24.0

    @property
    def backfill_bytes_per_s_low(self) -> float | None:
        """Return the bandwidth that is counted on: the one given, less its uncertainty."""
        given = self.replication_bytes_per_s
        return None if given is None else given * (1 - self.bandwidth_uncertainty)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for start, end in self.freezes:
            if start >= end:
                message = (
                    f"freezes: {format_time(start)} is not before {format_time(end)}; give start, then end"
                )
                raise InputError(message)
        if self.arriving_share >= 1 - self.bandwidth_uncertainty:
            raise InputError(
                f"arriving_share {self.arriving_share:g} and bandwidth_uncertainty {self.bandwidth_uncertainty:g} "
                "leave no bandwidth for stored records; give two that add up to less than 1"
            )
        if self.max_backfill_s is not None and self.replication_bytes_per_s is None:
            raise InputError(
                "max_backfill_s needs replication_bytes_per_s; give the bandwidth of the replicator"
            )
        if not self.cutover_days:
            raise InputError("cutover_days is empty; name at least one day, such as Tue")
        first, last = self.open_hours
        if last - first < 24 and self.cutover_s > (last - first) * HOUR_S:
            raise InputError(
                f"a cut-over takes {format_duration(self.cutover_s)}, but cutover_hours are only "
                f"{format_duration((last - first) * HOUR_S)} long; give longer hours, or a shorter cutover_s"
            )
        if len(set(self.cutover_days)) == 1 and self.cutover_s > DAY_S:
            raise InputError(
                f"a cut-over takes {format_duration(self.cutover_s)}, more than the only one of cutover_days; name more"
            )
        return self
