"""Stable pseudonyms: the same name gets the same one wherever it stands, and only the key's holder can tell whose."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

from kafka_analysis.capture.known_words import is_known_word
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.internal import is_store, store_words, topic_kind

KEY_BYTES = 32
_DIGITS = 12  # 48 bits: two of 100,000 names share one in 1 of 50,000 captures
_KEPT_TOPICS = re.compile(
    r"__consumer_offsets|__transaction_state|__share_group_state|__cluster_metadata|__remote_log_metadata"
    r"|__strimzi_store_topic|_schemas|_confluent-command|(?:connect|mirrormaker2)(?:-cluster)?-(?:configs|offsets|status)"
    r"|__amazon_msk_canary|__kafka_analysis_canary|__redpanda\.e2e_probe|__strimzi_canary"
    r"|heartbeats|__CruiseControl(?:Metrics)?"
    r"|strimzi\.cruisecontrol\.(?:metrics|modeltrainingsamples|partitionmetricsamples)"
)
_CANARY = re.compile(r"(__amazon_msk_canary|__kafka_analysis_canary)(.+)", re.DOTALL)
_MIRROR = re.compile(
    r"(?P<head>)(?P<alias>.+)(?P<tail>[._-]+heartbeats|(?P<sep>[._-]+)checkpoints(?P=sep)internal)"
    r"|(?P<head2>mm2-(?:offset-syncs|offsets|configs|status)(?P<sep2>[._-]+))(?P<alias2>.+?)(?P<tail2>(?:(?P=sep2)internal)?)",
    re.DOTALL,
)
_HEADS = ("_confluent", "_redpanda", "_schemas")
_STATE = re.compile(r"(.+)(-changelog|-repartition)", re.DOTALL)
_GROUP = re.compile(r"(amazon\.msk\.canary\.group\.|__|_confluent|connect-|mm2-)(.*)", re.DOTALL)
_PLACE = re.compile(r"(https?://)?(\[[^\]]*\]|[^:/?#@]*)(:\d{1,5})?(/metrics)?/?", re.DOTALL)


class Pseudonyms:
    """Make pseudonyms with a key: HMAC-SHA256 of the name, 12 hexadecimal digits, after the kind of name.

    Parameters
    ----------
    key
        At least 16 bytes. The same key gives the same pseudonyms for every capture.
    clusters
        Names of the clusters: topics that MirrorMaker 2 names after one keep that relation.
    words
        Words that belong to no user, besides those of ``known_words``.

    Examples
    --------
    >>> names = Pseudonyms(b"0123456789abcdef", clusters=["monolith"])
    >>> names.topic("orders") == names.topic("orders"), names.topic("orders")[:6], len(names.topic("orders"))
    (True, 'topic-', 18)
    """

    def __init__(
        self, key: bytes, *, clusters: Iterable[str] = (), words: Collection[str] = frozenset()
    ) -> None:
        self._key = key
        self._words = words
        self._clusters = sorted(clusters, key=len, reverse=True)

    def of(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name; '' and '*' are none."""
        if name in ("", "*"):
            return name
        return f"{kind}-{hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:_DIGITS]}"

    def word(self, kind: str, text: str) -> str:
        """Return a text that is a word of Kafka's or of exporters, a number or a version; the pseudonym of another."""
        return text if text in self._words or is_known_word(text) else self.of(kind, text)

    def cluster(self, name: str) -> str:
        """Return the pseudonym of a cluster, or of an alias MirrorMaker 2 knows one by."""
        return self.of("cluster", name)

    def topic(self, name: str) -> str:
        """Return the pseudonym of a topic; ``topic_kind`` says the same of both."""
        kind = topic_kind(name)
        if _KEPT_TOPICS.fullmatch(name):
            return name
        if kind == "business":
            return self._business(name)
        return {"canary": self._canary, "mirror": self._mirror, "internal": self._internal}[kind](name)

    def _business(self, name: str) -> str:
        """Return a pseudonym with the cluster a topic is named after, and the word that makes it one of three."""
        alias = next((c for c in self._clusters if re.match(rf"{re.escape(c)}[._-].", name, re.DOTALL)), None)
        if alias is not None:
            mark = name[len(alias)]
            return f"{self.cluster(alias)}{mark}{self.of('topic', name[len(alias) + 1 :])}"
        return self._one_of_three(name) if store_words(name) else self.of("topic", name)

    def _one_of_three(self, name: str, *, mark: str = "") -> str:
        """Return the same pseudonym for the three topics of Connect workers, but for the word in which they differ."""
        family, _, word = store_words(name)[-1]
        return f"{self.of('topic', family)}{mark}-{word}"

    def _canary(self, name: str) -> str:
        match = _CANARY.fullmatch(name)
        return (
            f"{match[1]}-{self.of('topic', match[2])}"
            if match
            else f"__kafka_analysis_canary-{self.of('topic', name)}"
        )

    def _mirror(self, name: str) -> str:
        match = _MIRROR.fullmatch(name)
        if is_store(name):
            return self._one_of_three(name, mark="-mm2")
        if match is None:
            return f"mm2-status.{self.of('topic', name)}"
        parts = match.groupdict(default="")
        alias = self.cluster(parts["alias"] or parts["alias2"])
        return f"{parts['head2']}{alias}{parts['tail'] or parts['tail2']}"

    def _internal(self, name: str) -> str:
        match = _STATE.fullmatch(name)
        if match is not None:
            return f"{self.of('topic', match[1])}{match[2]}"
        if is_store(name):
            return self._one_of_three(name, mark="-connect")
        head = next((f"{head}-" for head in _HEADS if name.startswith(head)), "__")
        return f"{head}{self.of('topic', name)}"

    def group(self, name: str) -> str:
        """Return the pseudonym of a consumer group; ``is_internal_group`` says the same of both."""
        match = _GROUP.match(name)
        return f"{match[1]}{self.of('group', match[2])}" if match else self.of("group", name)

    def client(self, name: str, kind: str) -> str:
        """Return the pseudonym of a consumer group or a producer; ACLs tell of producers by their principal."""
        if kind == "group":
            return self.group(name)
        return self.principal(name) if name.startswith("User:") else self.of("client", name)

    def topic_partition(self, text: str) -> str:
        """Return a text ``topic-partition`` with the topic's pseudonym."""
        topic, dash, partition = text.rpartition("-")
        return f"{self.topic(topic)}-{partition}" if dash and partition.isdecimal() else self.topic(text)

    def subject(self, name: str) -> str:
        """Return the pseudonym of a registry's subject; of ``topic-value`` and ``topic-key`` the topic's."""
        topic, _, tail = name.rpartition("-")
        return (
            f"{self.topic(topic)}-{tail}" if topic and tail in ("value", "key") else self.of("subject", name)
        )

    def principal(self, name: str) -> str:
        """Return a principal ``User:name`` with the user's pseudonym."""
        kind, colon, user = name.partition(":")
        if not colon or kind not in ("User", "Group", "Role"):
            return self.of("principal", name)
        return f"{kind}:{user if user == 'ANONYMOUS' else self.of(kind.lower(), user)}"

    def host(self, name: str) -> str:
        """Return the pseudonym of a host; Kafka writes those of clients with a slash before."""
        return f"/{self.of('host', name[1:])}" if name.startswith("/") else self.of("host", name)

    def address(self, text: str) -> str:
        """Return addresses, separated by commas, with their hosts' pseudonyms; ports stay."""
        return ",".join(map(self._place, text.split(",")))

    def _place(self, text: str) -> str:
        match = _PLACE.fullmatch(text)
        if match is None:
            scheme = "http://" if text.startswith("http") else ""
            return f"{scheme}{self.of('address', text)}"
        return "".join([match[1] or "", self.host(match[2]), match[3] or "", match[4] or ""])


def read_or_make_key(file: Path | None) -> bytes:
    """Return the key kept in a file; a new one without a file, and kept there when there is none yet.

    Raises
    ------
    InputError
        When the file cannot be read or written, or holds no key.

    Examples
    --------
    >>> len(read_or_make_key(None))
    32
    """
    if file is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        if not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as stream:
                stream.write(secrets.token_hex(KEY_BYTES) + "\n")
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        message = (
            f"key file {file} cannot be used: {error.strerror or 'it is not a regular file'}; give another"
        )
        raise InputError(message) from None
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES // 2:
        message = (
            f"key file {file} contains no key; give a key file that this command made, or a new file name"
        )
        raise InputError(message)
    return key
