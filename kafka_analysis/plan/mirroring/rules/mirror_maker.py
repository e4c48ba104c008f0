"""Rules of MirrorMaker 2, in dedicated processes and on a Connect cluster."""

from kafka_analysis.model.units import counted
from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule, always
from kafka_analysis.plan.mirroring.rules.shared import CLIENTS, REPLICATORS, TRANSLATED

_MOST_PER_TASK = 10  # partitions, of the fact mm2_tasks

_BOTH = (
    *REPLICATORS,
    Rule("rpo_s", lambda a: a.rpo_s is not None and a.rpo_s > 0, Fit.CARE, "mm2_lag",
         "its lag is not a metric: compute it"),
    Rule("rpo_s", lambda a: a.rpo_s is not None and a.rpo_s > 0, Fit.CARE, "mm2_retention_gap",
         "raise the retention above the longest outage"),
    Rule("directions", lambda a: a.directions == "one-way", Fit.YES, "mm2_patterns",
         "active/passive is one of its patterns"),
    Rule("directions", lambda a: a.directions == "both-ways" and a.same_topic_names is True, Fit.NO,
         "mm2_identity_loops", "both ways with the same names is a loop"),
    Rule("directions", lambda a: a.directions == "both-ways" and not a.same_topic_names, Fit.CARE, "mm2_renames",
         "records of the other side come in topics with its alias, which consumers must read too"),
    Rule("directions", lambda a: a.directions == "both-ways", Fit.CARE, "mm2_cycles",
         "all instances must use the same names for the clusters"),
    Rule("sources", lambda a: not a.same_topic_names, Fit.YES, "mm2_patterns",
         "aggregation is one of its patterns"),
    Rule("sources", lambda a: a.same_topic_names is True, Fit.CARE, "mm2_identity",
         "topics of one name from several sources become one"),
    Rule("targets", always, Fit.YES, "mm2_patterns", "fan-out is one of its patterns"),
    Rule("bytes_in_per_s", always, Fit.CARE, "mm2_tasks", "measure what one task carries, and set tasks.max by it"),
    Rule("licences", lambda a: "open-source" in (a.licences or ()), Fit.YES, "mm2_connectors",
         "it comes with Apache Kafka"),
    Rule("licences", lambda a: a.licences is not None and "open-source" not in a.licences, Fit.NO, "mm2_connectors",
         "it is open source, which is not among the licences"),
    Rule("transformation", always, Fit.CARE, "connect_transforms", "only transformations of single records"),
    Rule("group_offsets", always, Fit.CARE, "mm2_group_sync", "enable it; no group may be active at the target yet"),
    Rule("group_offsets", always, Fit.CARE, "mm2_groups_left_out", "name the groups of sink connectors"),
    Rule("group_offsets", always, Fit.CARE, "mm2_sparse_syncs", "a group that lags re-reads records"),
    Rule("group_offsets", always, Fit.CARE, "mm2_translation_versions", "use a version that translates correctly"),
    *TRANSLATED,
    Rule("exactly_once", always, Fit.CARE, "mm2_exactly_once",
         "enable it on the workers, and let the connector read committed records only"),
    Rule("exactly_once", always, Fit.CARE, "mm2_reads_again", "keep its source offsets"),
    Rule("same_topic_names", always, Fit.CARE, "mm2_identity", "set the policy at all three connectors"),
    Rule("acls_and_configs", always, Fit.CARE, "mm2_configs_left_out", "set the rest by hand"),
    Rule("acls_and_configs", always, Fit.CARE, "mm2_acls_partial", "write the ACLs of producers by hand"),
    Rule("source_version", lambda a: a.version is not None and a.version >= (2, 1, 0), Fit.YES, "old_protocols",
         "any MirrorMaker 2 understands the source"),
    Rule("source_version", lambda a: a.version is not None and a.version < (2, 1, 0), Fit.CARE, "old_protocols",
         "only a MirrorMaker 2 before 4.0 understands the source"),
    Rule("target", lambda a: a.target not in (None, "msk-serverless"), Fit.CARE, "mm2_replication_factor",
         "set replication.factor, 3 on three zones"),
    *CLIENTS,
)  # fmt: skip

ON_CONNECT = (
    *_BOTH,
    Rule("topics", always, Fit.YES, "mm2_tasks",
         lambda a: f"at least {counted(-(-(a.topics or 1) // _MOST_PER_TASK), 'task')}, "
         "if each topic has one partition"),
)  # fmt: skip

DEDICATED = (
    *_BOTH,
    Rule("topics", always, Fit.CARE, "mm2_round_robin", "a task may get several hot partitions: compute their loads"),
    Rule("topics", always, Fit.CARE, "mm2_dedicated_pairs", "hot topics cannot get a connector of their own"),
)  # fmt: skip
