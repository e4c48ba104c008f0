"""Requirements for a replication between clusters."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from kafka_analysis.model.parameters.values import Amount, Count, Seconds, option

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[.-][A-Za-z][\w.-]*)?", re.ASCII)
_NO_VERSION = "should be a version of Kafka, such as '3.6.1'"


def read_version(text: str) -> tuple[int, int, int]:
    """Return the numbers of a version of Kafka, so that versions compare.

    Raises
    ------
    ValueError
        It is none.

    Examples
    --------
    >>> read_version("2.8.1"), read_version("3.9"), read_version("2.8.2.tiered")
    ((2, 8, 1), (3, 9, 0), (2, 8, 2))
    """
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(_NO_VERSION)
    return int(match[1]), int(match[2]), int(match[3] or 0)


def _check_version(value: object) -> object:
    if isinstance(value, str):
        read_version(value)
    return value


Version = Annotated[str, BeforeValidator(_check_version)]
Positive = Annotated[Amount, Field(gt=0)]
Licence = Literal["open-source", "confluent", "aws"]
Target = Literal["msk-provisioned-standard", "msk-express", "msk-serverless", "other"]
Mechanism = Literal["scram", "mtls", "iam", "plain", "kerberos", "oauth", "none"]


class ReplicationRequirements(BaseModel):
    """Requirements for a replication, and facts about its two ends.

    None means not required, or unknown. False requires nothing either, except for ``same_account``; nor does one
    source or one target.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    rpo_s: Seconds | None = option(
        None, 'maximum data loss if the source is lost, as time, such as "30s"; 0 = none'
    )
    rto_s: Seconds | None = option(None, 'time until clients work again at the target, such as "5m"')
    directions: Literal["one-way", "both-ways"] | None = option(
        None, "whether records are written at both ends"
    )
    sources: Count | None = option(None, "number of source clusters")
    targets: Count | None = option(None, "number of target clusters")
    topics: Count | None = option(None, "number of topics to copy")
    bytes_in_per_s: Positive | None = option(None, 'bytes in of these topics, such as "50 MB/s"')
    licences: Annotated[list[Licence], Field(min_length=1)] | None = option(None, "acceptable licences")
    transformation: bool | None = option(None, "records are transformed on the way")
    order_per_key: bool | None = option(None, "order per key is kept across the cut-over")
    group_offsets: bool | None = option(None, "consumer groups continue where they were")
    same_offsets: bool | None = option(None, "a record has the same offset at both ends")
    exactly_once: bool | None = option(None, "no record is duplicated at the target")
    same_topic_names: bool | None = option(None, "topics keep their names")
    acls_and_configs: bool | None = option(None, "ACLs and topic configurations are copied")
    source: Literal["self-managed", "msk"] | None = option(None, "operator of the source")
    source_version: Version | None = option(None, 'Kafka version of the source, such as "2.8.1"')
    source_auth: Mechanism | None = option(None, "authentication of the replicator at the source")
    target: Target | None = option(None, "type of the target")
    same_account: bool | None = option(None, "whether both ends are in one AWS account")

    @property
    def version(self) -> tuple[int, int, int] | None:
        """Return the numbers of the source's version; None if it is unknown.

        Examples
        --------
        >>> ReplicationRequirements(source_version="3.6.1").version
        (3, 6, 1)
        """
        return None if self.source_version is None else read_version(self.source_version)

    @property
    def asked(self) -> list[str]:
        """Return the names of the requirements that a tool has to meet, in their order.

        Examples
        --------
        >>> ReplicationRequirements(sources=1, targets=3, exactly_once=False, same_account=False).asked
        ['targets', 'same_account']
        """
        return [name for name in type(self).model_fields if self._is_asked(name)]

    def _is_asked(self, name: str) -> bool:
        value = getattr(self, name)
        if name in ("sources", "targets"):
            return value is not None and value > 1
        if name == "same_account":
            return value is not None
        return name != "source" and value is not None and value is not False
