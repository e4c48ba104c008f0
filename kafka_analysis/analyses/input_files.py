"""Files in place of a capture: one cluster, nothing of it scraped."""

from pathlib import Path

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.places import reading
from kafka_analysis.model.topic_names import check_topic_names

FILES = "files"  # the name of the one cluster


def read_bytes(path: str) -> bytes:
    """Return what is in a file.

    Raises
    ------
    PlaceError
        It cannot be read.
    """
    with reading(path):
        return Path(path).read_bytes()


def scope_of_files(topics: pl.DataFrame, parameters: NotebookParameters) -> Scope:
    """Return the scope of one cluster that files describe: no window, and no coverage to be judged by."""
    check_topic_names(parameters.topics_exclude, topics["topic"].unique())
    chosen = stats.select_topics(
        topics.select("cluster", "topic").unique(),
        exclude=parameters.topics_exclude,
        include_internal=parameters.include_internal,
    )
    clusters = pl.DataFrame(
        {"cluster": [FILES], "role": ["source"], "flavour": [None]}, schema_overrides={"flavour": pl.String}
    )
    return Scope(None, None, clusters, chosen, {}, {FILES: None})
