from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plan.common.copyable import lost_sentences, lost_words, without_source

THERE = pl.Series([1, 2, 3])


def rows(*replicas, **columns):
    numbers = list(range(len(replicas)))
    frame = pl.DataFrame({"topic": "t", "partition": numbers, "replicas": replicas})
    return frame.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("frame", "lost"),
    [
        (rows([9], [9, 8], [9, 1], [1]), [0, 1]),
        (rows([1, 2], [1, 2], [1, 2], leader=[1, -1, None]), [1]),
        (rows([9, 1], [9, 1], [9, 1], isr=[[9], [1], None]), [0]),
        (rows([1, 2], isr=[[]]), [0]),
    ],
)
def test_what_has_no_copy_in_service_is_found(frame, lost):
    assert without_source(frame, THERE)["partition"].to_list() == lost


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (rows([9]), ["t-0 cannot be copied: its only replica is on broker 9, which is gone"]),
        (rows([9, 8]), ["t-0 cannot be copied: all its replicas are on brokers 8, 9, which are gone"]),
        (
            rows([9], [9]),
            ["t-0, t-1 cannot be copied: their only replicas are on broker 9, which is gone"],
        ),
        (
            rows([1], leader=[-1]),
            ["t-0 cannot be copied: it has no leader, because no replica that was in sync is there"],
        ),
        (rows([1]), []),
    ],
)
def test_the_reason_is_said(frame, words):
    assert lost_words(without_source(frame, THERE), THERE) == words


def test_two_reasons_are_two_sentences():
    told = lost_sentences(rows([9], [1, 9]), THERE)
    assert len(told) == 2
    assert all("leaves this out" in sentence for sentence in told)
