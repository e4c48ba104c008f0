"""What is known of the tools that copy between clusters, each fact with its source."""

from importlib.resources import files

import polars as pl


def replication_facts() -> pl.DataFrame:
    """Return the facts that the adviser's reasons cite.

    Returns
    -------
    polars.DataFrame
        ``fact`` (its name), ``statement``, ``source``, ``date`` on which it was written down, ``evidence``:
        ``published`` by who makes the tool, ``practice`` of those who used it, or ``unverified``.

    Examples
    --------
    >>> replication_facts().filter(fact="mm2_renames")["statement"].item()
    'DefaultReplicationPolicy renames a topic to <alias>.<topic>, and so breaks loops.'
    """
    text = (files("kafka_analysis.plan.mirroring") / "facts.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False)
