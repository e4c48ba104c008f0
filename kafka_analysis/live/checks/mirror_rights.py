"""Look whether the topics in which MirrorMaker 2 keeps its state may be read, where any are visible."""

from typing import NamedTuple

from confluent_kafka.admin import AdminClient

from kafka_analysis.live.record.mirror_topics import GROUPS_TOPIC, READ_KINDS
from kafka_analysis.model.mirror_topics import MirrorTopic, MirrorTopicKind, mirror_topics
from kafka_analysis.sources.kafka.metadata import visible_topics
from kafka_analysis.sources.kafka.rights import unreadable_topics

_HOLD: dict[MirrorTopicKind, str] = {
    "offsets": "positions, and with them the lag",
    "checkpoints": "checkpoints",
    "offset_syncs": "offset syncs",
    "configs": "settings of connectors",
    "status": "states of connectors and tasks",
}


class MirrorRights(NamedTuple):
    """Topics of MirrorMaker 2 that a cluster shows, and those that may not be read; None: the brokers do not say.

    ``is_readable``: without ``__consumer_offsets`` none of them is read, as that would create it.
    """

    visible: tuple[MirrorTopic, ...]
    refused: tuple[MirrorTopic, ...] | None
    is_readable: bool

    @property
    def hidden(self) -> str:
        """Return what is unknown without Read on those that are refused.

        Examples
        --------
        >>> refused = MirrorTopic("mm2-status.a.internal", "status", "a")
        >>> MirrorRights((refused,), (refused,), True).hidden
        'states of connectors and tasks'
        """
        kinds = {topic.kind for topic in self.refused or ()}
        return ", ".join(words for kind, words in _HOLD.items() if kind in kinds)


def mirror_rights(admin: AdminClient, *, timeout_s: float) -> MirrorRights:
    """Ask a cluster which topics of MirrorMaker 2 it shows, and which of them may be read.

    Raises
    ------
    SourceError
        When the cluster does not answer, or shows no topic for want of the right.
    """
    listed = visible_topics(admin, timeout_s)
    visible = tuple(topic for topic in mirror_topics(listed) if topic.kind in READ_KINDS)
    is_readable = GROUPS_TOPIC in listed
    if not visible:
        return MirrorRights((), (), is_readable)
    names = unreadable_topics(admin, [topic.topic for topic in visible], timeout_s=timeout_s)
    refused = None if names is None else tuple(topic for topic in visible if topic.topic in names)
    return MirrorRights(visible, refused, is_readable)
