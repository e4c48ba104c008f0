"""The table of client libraries, from what a broker's page of metrics counts of them."""

import polars as pl

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.tables import empty_table

METRIC = "client_software_connections"
_PARTS = ("name", "version", "listener")


def add_page(writer: CaptureWriter, samples: pl.DataFrame) -> None:
    """Write the samples of a page of metrics: connections by client library to their table, the rest as samples."""
    counted = pl.col("metric") == METRIC
    writer.add_samples(samples.filter(~counted))
    software = client_software(samples.filter(counted))
    if len(software):
        writer.add_table("client_software", software)


def client_software(samples: pl.DataFrame) -> pl.DataFrame:
    """Return the ``client_software`` table of samples that count connections by client library.

    Examples
    --------
    >>> from kafka_analysis.model.samples import SAMPLES
    >>> entity = "apache-kafka-java/3.9.1/CLIENTS"
    >>> row = {"metric": METRIC, "cluster": "c", "broker": 1, "entity": entity, "value": 4.0}
    >>> client_software(pl.DataFrame([row], schema=SAMPLES)).select(*_PARTS, "connections").row(0)
    ('apache-kafka-java', '3.9.1', 'CLIENTS', 4)
    """
    named = pl.col("entity").str.splitn("/", len(_PARTS)).struct.rename_fields(_PARTS)
    rows = samples.with_columns(
        named.struct.unnest(),
        mechanism=pl.lit(None, pl.String),
        connections=pl.col("value").cast(pl.Int64, strict=False),
    ).drop_nulls([*_PARTS, "connections"])  # a dialect of the user's own may name less
    schema = empty_table("client_software").schema
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
