"""Tell the targets of a profile of a report, all at once; whatever goes wrong becomes a line."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kafka_analysis.model.background import in_background
from kafka_analysis.model.errors import InputError, KafkaAnalysisError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.model.summary import Summary
from kafka_analysis.report.notify.digest import Digest, digest_of
from kafka_analysis.report.notify.http_post import post
from kafka_analysis.report.notify.mail import send_mail
from kafka_analysis.report.outcome import Notified, Run
from kafka_analysis.sources.http.deadline import Deadline

DEADLINE_S = 10.0
_GRACE_S = 0.5  # for the lines that say why


@dataclass(frozen=True)
class Notifier:
    """Who is told of a run, by name, and whether only of one that changed something."""

    targets: Mapping[str, NotifyTarget]
    only_changes: bool = False
    seconds: float = DEADLINE_S

    def __call__(
        self, run: Run, summaries: Mapping[str, Summary], history: pl.DataFrame
    ) -> tuple[Notified, ...]:
        """Tell them, and return what came of it; raises nothing."""
        try:
            digest = digest_of(run, summaries, history)
        except Exception as error:  # noqa: BLE001 - the report is made: nothing here may undo that
            reason = f"what to tell could not be put together ({type(error).__name__})"
            return tuple(Notified(target=name, ok=False, reason=reason) for name in self.targets)
        if self.only_changes and not digest.changed:
            return tuple(
                Notified(target=name, ok=True, reason="nothing changed: not sent") for name in self.targets
            )
        deadline = Deadline.after(self.seconds)
        sent = {
            name: in_background(lambda name=name, target=target: _tell(name, target, digest, deadline))
            for name, target in self.targets.items()
        }
        return tuple(_outcome(name, future, deadline) for name, future in sent.items())


def notifier_of(profile: str | Path, names: Sequence[str], *, only_changes: bool = False) -> Notifier | None:
    """Return who is to be told, None for nobody.

    Parameters
    ----------
    profile
        The profile whose ``[notify.NAME]`` are meant.
    names
        The names.

    Raises
    ------
    InputError
        The profile is wrong (ProfileError), or knows no target of a name.
    """
    from kafka_analysis.sources.profiles import load_profile

    if not names:
        return None
    known = load_profile(profile).notify
    for name in names:
        if name not in known:
            raise InputError.unknown("target of notifications", name, known)
    return Notifier({name: known[name] for name in names}, only_changes)


def _tell(name: str, target: NotifyTarget, digest: Digest, deadline: Deadline) -> Notified:
    try:
        (send_mail if target.kind == "mail" else post)(target, digest, deadline=deadline)
    except KafkaAnalysisError as error:
        return Notified(target=name, ok=False, reason=" ".join(str(error).split())[:300])
    except Exception as error:  # noqa: BLE001 - what it says may hold a secret
        return Notified(target=name, ok=False, reason=f"it failed ({type(error).__name__})")
    return Notified(target=name, ok=True)


def _outcome(name: str, future: Future[Notified], deadline: Deadline) -> Notified:
    try:
        return future.result(timeout=deadline.left + _GRACE_S)
    except TimeoutError:
        return Notified(target=name, ok=False, reason=str(deadline.passed()))
