"""Rules of a Flink job that copies topics."""

from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule, always
from kafka_analysis.plan.mirroring.rules.shared import CLIENTS, REPLICATORS, TRANSLATED

_FEW_TOPICS = 10  # the fact flink_fits says "few"; more than this is not

FLINK = (
    *REPLICATORS,
    Rule("order_per_key", always, Fit.CARE, "flink_keeps", "the job must write each record to its own partition"),
    Rule("directions", lambda a: a.directions == "one-way", Fit.YES, "flink_keeps",
         "a job reads one cluster and writes to the other"),
    Rule("topics", lambda a: a.topics is not None and a.topics <= _FEW_TOPICS, Fit.YES, "flink_fits",
         "these are few"),
    Rule("topics", lambda a: a.topics is not None and a.topics > _FEW_TOPICS, Fit.CARE, "flink_fits",
         f"these are more than a few ({_FEW_TOPICS})"),
    Rule("licences", lambda a: "open-source" in (a.licences or ()), Fit.YES, "flink_licence", "it is open source"),
    Rule("licences", lambda a: a.licences is not None and "open-source" not in a.licences, Fit.NO, "flink_licence",
         "it is open source, which is not among the licences"),
    Rule("transformation", always, Fit.YES, "flink_fits", "that is its purpose"),
    Rule("group_offsets", always, Fit.NO, "flink_no_metadata", "groups start over at the target"),
    *TRANSLATED,
    Rule("exactly_once", always, Fit.CARE, "flink_duplicates", "write with a transactional sink"),
    Rule("same_topic_names", always, Fit.YES, "flink_clients", "the job names the topics it writes to"),
    Rule("acls_and_configs", always, Fit.NO, "flink_no_metadata", "create topics and ACLs by other means"),
    Rule("source_version", lambda a: a.version is not None and a.version >= (2, 1, 0), Fit.YES, "old_protocols",
         "any version of the connector understands the source"),
    Rule("source_version", lambda a: a.version is not None and a.version < (2, 1, 0), Fit.CARE, "old_protocols",
         "only a connector with clients before 4.0 understands the source"),
    Rule("target", lambda a: a.target not in (None, "msk-serverless"), Fit.YES, "flink_clients",
         "it writes as any producer does"),
    *CLIENTS,
)  # fmt: skip
