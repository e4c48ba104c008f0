"""librdkafka's admin client, with the cluster it is for and what librdkafka says of its connections."""

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from kafka_analysis.model.profile import ClusterProfile

_BROKER = re.compile(r"(?:\w+://)?(?P<address>\S+)/(?P<id>\d+|bootstrap): (?P<words>.*)", re.DOTALL)
_STATE = re.compile(r" \(after \d+ms in state [^)]*\)")
_LONGEST, _MOST_BROKERS = 300, 5
# Librdkafka's own code has an underscore and is public all the same.
_AUTHENTICATION = KafkaError._AUTHENTICATION  # noqa: SLF001


@dataclass
class Heard:
    """The last errors that librdkafka told of a client's connections; a few words of each, never all of them.

    Examples
    --------
    >>> heard = Heard()
    >>> heard.hear(KafkaError(KafkaError._RESOLVE, "b-1:9092/1: Failed to resolve 'b-1' (after 2ms in state CONNECT)"))
    >>> heard.of_brokers, heard.authentication
    ({'b-1:9092': "Failed to resolve 'b-1'"}, None)
    """

    authentication: str | None = None
    of_brokers: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def hear(self, error: KafkaError) -> None:
        """Keep an error; librdkafka calls this while the client is polled."""
        self.count += 1
        match = _BROKER.fullmatch(error.str())
        words = _STATE.sub("", match["words"] if match else error.str())
        words = " ".join(words.split())[:_LONGEST]
        if error.code() == _AUTHENTICATION:
            self.authentication = words
        elif match is not None and match["id"] != "bootstrap" and len(self.of_brokers) < _MOST_BROKERS:
            self.of_brokers.setdefault(match["address"][:_LONGEST], words)

    def forget(self) -> None:
        """Forget what was heard."""
        self.authentication, self.count = None, 0
        self.of_brokers.clear()


@dataclass
class Contact:
    """Whether a client has reached its cluster; one thread finds out, the others wait for what it finds."""

    trying: threading.Lock = field(default_factory=threading.Lock)
    is_made: bool = False
    failed_at: float | None = None
    failure: tuple[str, str] | None = None  # what happened, and what to change


class KafkaAdmin(AdminClient):
    """An admin client that keeps what librdkafka says of its connections."""

    def __init__(
        self, cluster: ClusterProfile, settings: Mapping[str, Any], *, logger: logging.Logger
    ) -> None:
        self.cluster = cluster
        self.heard = Heard()
        self.contact = Contact()
        super().__init__({**settings, "error_cb": self.heard.hear}, logger=logger)
