"""Find the topics in which MirrorMaker 2 keeps its state, and the aliases of clusters in their names."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from kafka_analysis.model.internal import is_store, store_words, topic_kind

MirrorTopicKind = Literal["offsets", "configs", "status", "checkpoints", "offset_syncs", "heartbeats"]
_CONNECT = re.compile(r"mm2-(?P<kind>offsets|configs|status)\.(?P<alias>.+)\.internal", re.DOTALL)
_STORES: dict[str, MirrorTopicKind] = {"offset": "offsets", "config": "configs", "status": "status"}


class MirrorTopic(NamedTuple):
    """A topic of MirrorMaker 2, what it keeps, and the alias in its name; None: it has none."""

    topic: str
    kind: MirrorTopicKind
    alias: str | None


def mirror_topics(names: Iterable[str], *, separator: str | None = None) -> list[MirrorTopic]:
    """Return the topics of MirrorMaker 2 among a cluster's, in the order of their names.

    Connect's three topics of a dedicated MirrorMaker always have dots: ``mm2-offsets.<alias>.internal``. Those of a
    MirrorMaker on a Connect cluster have the names that this cluster gives them: only well-known ones
    (``mirrormaker2-cluster-offsets``) are found, and their names hold no alias.

    Parameters
    ----------
    separator
        MirrorMaker's ``replication.policy.separator``; None = whichever the name itself shows.

    Examples
    --------
    >>> names = ["orders", "mm2-offsets.old.internal", "eu.west.checkpoints.internal"]
    >>> [(found.kind, found.alias) for found in mirror_topics(names)]
    [('checkpoints', 'eu.west'), ('offsets', 'old')]
    """
    found = (mirror_topic(name, separator=separator) for name in sorted(names))
    return [topic for topic in found if topic is not None]


def mirror_topic(name: str, *, separator: str | None = None) -> MirrorTopic | None:
    """Return what a topic keeps for MirrorMaker 2, None where it is none of its topics.

    Examples
    --------
    >>> mirror_topic("mm2-offset-syncs_new_internal")
    MirrorTopic(topic='mm2-offset-syncs_new_internal', kind='offset_syncs', alias='new')
    >>> mirror_topic("mm2-offset-syncs_new_internal", separator=".")
    """
    connect = _CONNECT.fullmatch(name)
    if connect:
        return MirrorTopic(name, connect["kind"], connect["alias"])  # type: ignore[arg-type]
    if name.endswith(("internal", "heartbeats")):
        return _named(name, re.escape(separator) if separator else r"[^A-Za-z0-9]+")
    if is_store(name) and topic_kind(name) == "mirror":
        return MirrorTopic(name, _STORES[store_words(name)[-1].what], None)
    return None


def _named(name: str, mark: str) -> MirrorTopic | None:
    """Return what a topic keeps by its replication policy's name, with this pattern of a separator."""
    patterns: dict[MirrorTopicKind, str] = {
        "offset_syncs": rf"mm2-offset-syncs(?P<sep>{mark})(?P<alias>.+)(?P=sep)internal",
        "checkpoints": rf"(?P<alias>.*[A-Za-z0-9])(?P<sep>{mark})checkpoints(?P=sep)internal",
        "heartbeats": rf"(?:(?P<alias>.*[A-Za-z0-9])(?:{mark}))?heartbeats",
    }
    for kind, pattern in patterns.items():
        match = re.fullmatch(pattern, name, re.DOTALL)
        if match:
            return MirrorTopic(name, kind, match["alias"])
    return None
