"""Errors a user can meet: one line each, what was wrong, what is allowed, how to fix it."""

import difflib
from collections.abc import Iterable
from typing import Self

_LONGEST = 100
_BEGINNING = 4  # letters from which on a word may be the beginning of the one that was meant


class KafkaAnalysisError(Exception):
    """Base of every error this package raises on purpose; ``exit_code`` is the command line's."""

    exit_code = 1


class InputError(KafkaAnalysisError):
    """Wrong use or bad input: nothing was written (exit code 2)."""

    exit_code = 2

    @classmethod
    def unknown(cls, what: str, got: str, allowed: Iterable[str]) -> Self:
        """Name the unknown word, the nearest allowed one (first of those it begins) and all that are allowed.

        Examples
        --------
        >>> str(InputError.unknown("notebook", "20_skew", ["20_partition_skew", "10_inventory"]))
        "unknown notebook '20_skew'; did you mean '20_partition_skew'? Allowed: 10_inventory, 20_partition_skew"
        """
        names = sorted(allowed)
        got = got if len(got) <= _LONGEST else f"{got[:_LONGEST]}…"
        longer = [name for name in names if len(got) >= _BEGINNING and name.startswith(got)]
        near = difflib.get_close_matches(got, longer or names, n=1, cutoff=0.0 if longer else 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return cls(f"unknown {what} {got!r}{hint} Allowed: {', '.join(names) or 'none'}")


class PlaceError(InputError):
    """A place on disk cannot be written or read: it is full, read-only, or not permitted."""


class CaptureError(InputError):
    """Something is wrong with a capture on disk."""


class CaptureNotFoundError(CaptureError):
    """There is no capture at the path given."""


class CaptureExistsError(CaptureError):
    """The output folder of a new capture is not empty."""


class CaptureIncompleteError(CaptureError):
    """The capture has no manifest: its writer did not finish."""


class CaptureDamagedError(CaptureError):
    """A file of the capture is missing, altered or unreadable."""


class CaptureSchemaError(CaptureError):
    """The capture was written with a newer schema than this version reads."""


class CaptureConflictError(CaptureError):
    """Captures to be merged say different things about the same cluster, or series and time."""


class MetricMissingError(KafkaAnalysisError):
    """The capture does not hold a metric an analysis needs."""

    @classmethod
    def among(cls, missing: Iterable[str], held: Iterable[str], *, capture: str) -> Self:
        """Name the metrics a capture lacks and those it holds.

        Examples
        --------
        >>> str(MetricMissingError.among(["bytes_in_total"], ["log_size_bytes"], capture="20260101-1"))
        'capture 20260101-1 has no samples of bytes_in_total; it has: log_size_bytes'
        """
        names, others = ", ".join(sorted(missing)), ", ".join(sorted(held)) or "no metrics"
        return cls(f"capture {capture} has no samples of {names}; it has: {others}")


class ProfileError(InputError):
    """The connection profile (kafka-analysis.toml) is missing or wrong."""


class ParameterError(InputError):
    """A notebook parameter is unknown, ill-typed or contradicts another."""


class WindowError(InputError):
    """A time window is empty or lies outside the capture."""


class SeriesError(InputError):
    """A series of measurements is not what a comparison needs: a column is missing, or its step does not fit."""


class GoalImpossibleError(InputError):
    """A plan's hard goal cannot be met; ``goal`` says which."""

    def __init__(self, goal: str, why: str) -> None:
        super().__init__(f"{goal}: {why}")
        self.goal = goal


class UnreachableError(InputError):
    """None of the targets answered."""


class BusyError(InputError):
    """Another process is writing to the same output folder: try again later (exit code 75, as sysexits.h has it)."""

    exit_code = 75


class StoppedError(KafkaAnalysisError):
    """It was stopped by Ctrl-C or SIGTERM before anything came: nothing was written (exit code 130)."""

    exit_code = 130


class TopicHeldError(KafkaAnalysisError):
    """A topic is paused by the routing table or about to change clusters: nothing was sent; send it again later."""


class SourceError(KafkaAnalysisError):
    """One source did not answer, or not with what was asked for; a recording makes a gap of it."""


class NoAnswerError(SourceError):
    """A source did not answer, or not in time: it may the next time."""


class RefusedError(SourceError):
    """A source understood the question and would not answer it; asked another way it may."""


class TooLargeError(SourceError):
    """An answer would be larger than the source, or we, can bear; a smaller part of it may not be."""
