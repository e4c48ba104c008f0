"""What clients ask of every broker: requests and connections."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_KEYS = ["cluster", "broker"]
_KINDS_OF_FETCH = ("FetchConsumer", "FetchFollower")


@same_kind
def client_load(load: Frame, *, requests: Frame, connections: Frame) -> Frame:
    """Add to a broker load what clients, other brokers among them, ask of each broker.

    Parameters
    ----------
    load
        Result of ``load.broker_load``.
    requests
        Result of ``reduce.increase`` over ``requests_total``. Brokers count each fetch twice, as ``Fetch`` and as
        ``FetchConsumer`` or ``FetchFollower``: it is taken once.
    connections
        Result of ``reduce.gauge`` over ``connection_count`` and ``client_connection_count``. Where a cluster has the
        former, of all listeners, the latter is not looked at.

    Returns
    -------
    frame of the kind given
        ``load`` with ``requests_per_s`` and ``connections`` (mean number open); null where a broker did not tell.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2]})
    >>> requests = pl.DataFrame({"cluster": "c", "broker": 1, "entity": ["Produce", "Fetch", "FetchConsumer"],
    ...     "rate_per_s": [5.0, 2.0, 2.0]})
    >>> connections = pl.DataFrame({"metric": "connection_count", "cluster": "c", "broker": 1, "mean": [10.0, 20.0]})
    >>> client_load(load, requests=requests, connections=connections).rows()
    [('c', 1, 7.0, 30.0), ('c', 2, None, None)]
    """
    fetched = requests.filter(pl.col("entity") == "Fetch")["cluster"].unique()
    twice = pl.col("entity").is_in(_KINDS_OF_FETCH) & pl.col("cluster").is_in(fetched.implode())
    asked = requests.filter(~twice.fill_null(value=False)).drop_nulls("rate_per_s")
    of_all = connections.filter(pl.col("metric") == "connection_count")
    of_clients = connections.filter(pl.col("metric") == "client_connection_count").join(
        of_all, on="cluster", how="anti"
    )
    sums = (
        asked.group_by(_KEYS).agg(requests_per_s=pl.col("rate_per_s").sum()),
        pl.concat([of_all, of_clients]).group_by(_KEYS).agg(connections=pl.col("mean").sum()),
    )
    for frame in sums:
        load = load.join(frame, on=_KEYS, how="left", maintain_order="left")
    return load
