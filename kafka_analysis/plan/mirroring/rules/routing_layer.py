"""Rules of a routing layer: clients move, and no record is copied."""

from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule, always
from kafka_analysis.plan.mirroring.rules.shared import ACCOUNTS

_NOTHING, _MECHANISMS = "routing_copies_nothing", "msk_mechanisms"

ROUTING_LAYER = (
    Rule("rpo_s", always, Fit.NO, _NOTHING, "what was not read yet is lost with the source"),
    Rule("directions", lambda a: a.directions == "one-way", Fit.YES, "routing_moves_clients", "clients move one way"),
    Rule("directions", lambda a: a.directions == "both-ways", Fit.NO, _NOTHING,
         "neither end gets the records of the other"),
    Rule("targets", always, Fit.YES, "routing_moves_clients", "that is one cluster to many"),
    Rule("topics", always, Fit.YES, _NOTHING, "none is copied"),
    Rule("bytes_in_per_s", always, Fit.YES, _NOTHING, "none is copied"),
    Rule("licences", always, Fit.YES, "routing_moves_clients", "it is software of your own"),
    Rule("transformation", always, Fit.NO, _NOTHING, "nothing is in between"),
    Rule("order_per_key", always, Fit.CARE, "cutover_order",
         "consumers read the source to its end before they read the target"),
    Rule("order_per_key", always, Fit.CARE, "key_partitioning", "create the topics with as many partitions"),
    Rule("group_offsets", always, Fit.NO, _NOTHING, "groups read the source to its end and start over"),
    Rule("same_offsets", always, Fit.NO, _NOTHING, "offsets of the target begin at 0"),
    Rule("exactly_once", always, Fit.CARE, "transactional_ids", "end open transactions before a producer moves"),
    Rule("same_topic_names", always, Fit.YES, _NOTHING, "producers write to the same names at the target"),
    Rule("acls_and_configs", always, Fit.NO, _NOTHING, "create topics and ACLs by other means"),
    Rule("source_version", always, Fit.CARE, "old_protocols", "old clients may not understand a newer target"),
    Rule("source_auth", lambda a: a.source_auth in ("scram", "mtls", "iam"), Fit.CARE, _MECHANISMS,
         "clients can keep the mechanism at MSK, of SCRAM only SHA-512"),
    Rule("source_auth", lambda a: _is_msk(a.target) and a.source_auth not in (None, "scram", "mtls", "iam"), Fit.CARE,
         _MECHANISMS, "clients need another mechanism at MSK"),
    Rule("target", lambda a: _is_msk(a.target), Fit.CARE, _MECHANISMS, "map each client's mechanism before it moves"),
    Rule("target", lambda a: a.target == "other", Fit.YES, _NOTHING, "clients need only its address"),
    *ACCOUNTS,
)  # fmt: skip


def _is_msk(target: str | None) -> bool:
    return target is not None and target.startswith("msk")
