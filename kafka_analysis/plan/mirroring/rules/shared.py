"""Rules that several tools share."""

from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule, always

REPLICATORS = (
    Rule("rpo_s", lambda a: a.rpo_s == 0, Fit.NO, "asynchronous",
         "what was not copied yet is lost with the source"),
    Rule("rpo_s", lambda a: a.rpo_s is not None and a.rpo_s > 0, Fit.CARE, "asynchronous",
         "its lag at that moment is lost: keep that below what is asked"),
    Rule("order_per_key", always, Fit.CARE, "cutover_order",
         "producers stop, and the replica is at lag 0 again, before they write to the target"),
)  # fmt: skip

TRANSLATED = (
    Rule("same_offsets", always, Fit.NO, "unequal_end_offsets", "a record gets another offset at the target"),
)

ACCOUNTS = (
    Rule("same_account", lambda a: a.same_account is True, Fit.YES, "between_accounts", "brokers are reached directly"),
    Rule("same_account", lambda a: a.same_account is False, Fit.CARE, "between_accounts",
         "each broker needs a way in from the other account"),
)  # fmt: skip

CLIENTS = (
    Rule("source_auth", lambda a: a.source_auth not in (None, "iam"), Fit.YES, "client_security",
         "it authenticates as any client does"),
    *ACCOUNTS,
)  # fmt: skip
