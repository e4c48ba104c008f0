"""Rules of MSK Replicator: what it needs at both ends is asked for where it is not said."""

import math

from kafka_analysis.model.units import counted
from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule, always
from kafka_analysis.plan.mirroring.rules.shared import REPLICATORS, TRANSLATED

_BYTES_PER_PARTITION = 300_000  # per second, of the fact msk_replicator_partitions
_MOST_TOPICS, _MOST_BYTES = 750, 1e9  # of the fact msk_replicator_quota
_MSK, _SELF_MANAGED = "msk_replicator_msk", "msk_replicator_self_managed"

_ENDS = (
    Rule("source_version", lambda a: a.version is None, Fit.UNKNOWN, _MSK,
         "say the version of the source: from 2.7.0 on at MSK, from 2.8.1 on elsewhere"),
    Rule("source_version", lambda a: a.version is not None and a.version >= (2, 8, 1), Fit.YES, _SELF_MANAGED,
         "the source is new enough"),
    Rule("source_version", lambda a: a.version is not None and a.version < (2, 7, 0), Fit.NO, _MSK,
         "the source is too old"),
    Rule("source_version", lambda a: _is_between(a.version) and a.source == "self-managed", Fit.NO, _SELF_MANAGED,
         "a self-managed source is too old"),
    Rule("source_version", lambda a: _is_between(a.version) and a.source == "msk", Fit.YES, _MSK,
         "a source at MSK is new enough"),
    Rule("source_version", lambda a: _is_between(a.version) and a.source is None, Fit.UNKNOWN, _SELF_MANAGED,
         "say who runs the source: at MSK it is new enough, elsewhere it is not"),
    Rule("source_auth", lambda a: a.source == "msk" and a.source_auth == "iam", Fit.YES, _MSK,
         "it supports this authentication"),
    Rule("source_auth", lambda a: a.source == "msk" and a.source_auth != "iam", Fit.CARE, _MSK,
         "IAM must be enabled at the source too"),
    Rule("source_auth", lambda a: a.source == "self-managed" and a.source_auth in ("scram", "mtls"), Fit.YES,
         _SELF_MANAGED, "it supports this authentication"),
    Rule("source_auth", lambda a: a.source == "self-managed" and a.source_auth not in (None, "scram", "mtls"), Fit.NO,
         _SELF_MANAGED, "add a listener with SASL/SCRAM or mTLS for it"),
    Rule("source_auth", lambda a: a.source == "self-managed" and a.source_auth is None, Fit.UNKNOWN, _SELF_MANAGED,
         "say how it authenticates at the source: by SASL/SCRAM or mTLS"),
    Rule("source_auth", lambda a: a.source is None, Fit.UNKNOWN, _SELF_MANAGED,
         "say who runs the source: at MSK it needs IAM, elsewhere SASL/SCRAM or mTLS"),
    Rule("target", lambda a: a.target is None, Fit.UNKNOWN, _MSK, "say what the target is: it must be MSK"),
    Rule("target", lambda a: a.target == "other", Fit.NO, _MSK, "the target must be MSK"),
    Rule("target", lambda a: a.target == "msk-express", Fit.YES, _SELF_MANAGED, "Express brokers are Provisioned"),
    Rule("target", lambda a: a.target == "msk-provisioned-standard", Fit.CARE, _MSK, "not with t3.small brokers"),
    Rule("target", lambda a: a.target == "msk-serverless" and a.source == "self-managed", Fit.NO, _SELF_MANAGED,
         "from a self-managed source the target must be Provisioned"),
    Rule("target", lambda a: a.target == "msk-serverless" and a.source == "msk", Fit.YES, "msk_replicator_serverless",
         "the target may be Serverless"),
    Rule("target", lambda a: a.target == "msk-serverless" and a.source is None, Fit.UNKNOWN, _SELF_MANAGED,
         "say who runs the source: only from MSK may the target be Serverless"),
    Rule("same_account", lambda a: a.same_account is True, Fit.YES, _MSK, "both ends are in one account"),
    Rule("same_account", lambda a: a.same_account is False, Fit.NO, _MSK, "both ends must be in one account"),
    Rule("same_account", lambda a: a.same_account is None and a.source != "self-managed", Fit.UNKNOWN, _MSK,
         "say whether both ends are in one account"),
)  # fmt: skip

MSK_REPLICATOR = (
    *REPLICATORS,
    *_ENDS,
    Rule("rpo_s", lambda a: a.rpo_s is not None and a.rpo_s > 0, Fit.CARE, "msk_replicator_starts_latest",
         "let it start at the earliest record"),
    Rule("directions", lambda a: a.directions == "one-way", Fit.YES, _MSK, "a replicator copies one way"),
    Rule("directions", lambda a: a.directions == "both-ways", Fit.CARE, "msk_replicator_enhanced",
         "it needs one replicator for each direction"),
    Rule("directions", lambda a: a.directions == "both-ways", Fit.CARE, "msk_replicator_names",
         "clients must leave its headers as they are"),
    Rule("sources", always, Fit.CARE, "msk_replicator_names", "it needs one replicator for each source"),
    Rule("targets", always, Fit.CARE, "msk_replicator_pairs", "it needs one replicator for each target"),
    Rule("topics", always, Fit.CARE, "msk_replicator_quota",
         lambda a: f"{counted(-(-(a.topics or 1) // _MOST_TOPICS), 'replicator')}: check the quota"),
    Rule("bytes_in_per_s", always, Fit.CARE, "msk_replicator_partitions",
         lambda a: f"at least about {math.ceil((a.bytes_in_per_s or 0) / _BYTES_PER_PARTITION):,} partitions"),
    Rule("bytes_in_per_s", lambda a: (a.bytes_in_per_s or 0) > _MOST_BYTES, Fit.CARE, "msk_replicator_quota",
         lambda a: f"{counted(math.ceil((a.bytes_in_per_s or 0) / _MOST_BYTES), 'replicator')}: check the quota"),
    Rule("licences", lambda a: "aws" in (a.licences or ()), Fit.YES, _MSK, "AWS's services are among them"),
    Rule("licences", lambda a: a.licences is not None and "aws" not in a.licences, Fit.NO, _MSK,
         "it is a service of AWS, which is not among them"),
    Rule("transformation", always, Fit.NO, "msk_replicator_settings", "records are not changed"),
    Rule("order_per_key", always, Fit.CARE, "msk_replicator_gates", "MessageLag must be 0 before the cut-over"),
    Rule("group_offsets", always, Fit.CARE, "msk_replicator_gates",
         "ConsumerGroupOffsetSyncFailure must be 0 before the cut-over"),
    *TRANSLATED,
    Rule("same_topic_names", lambda a: a.version is None, Fit.UNKNOWN, "msk_replicator_names",
         "say the version of the source: from 2.8.1 on"),
    Rule("same_topic_names", lambda a: a.version is not None and a.version >= (2, 8, 1), Fit.YES,
         "msk_replicator_names", "choose it when the replicator is made"),
    Rule("same_topic_names", lambda a: a.version is not None and a.version < (2, 8, 1), Fit.NO,
         "msk_replicator_names", "the source is too old for that"),
    Rule("acls_and_configs", lambda a: a.target == "msk-serverless", Fit.NO, "msk_replicator_serverless",
         "no ACL is carried to Serverless"),
    Rule("acls_and_configs", lambda a: a.target != "msk-serverless", Fit.CARE, "msk_replicator_metadata",
         "compare all of them before the cut-over"),
)  # fmt: skip


def _is_between(version: tuple[int, int, int] | None) -> bool:
    """Return whether a source of this version is new enough at MSK, and too old elsewhere."""
    return version is not None and (2, 7, 0) <= version < (2, 8, 1)
