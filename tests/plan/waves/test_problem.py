from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError

TWO = {"a": 30e6, "b": 10e6}
RECEIVES = "receives 30 MB/s, but"
FLOWS = [("x", "a"), ("y", "a"), ("x", "b")]


@pytest.mark.parametrize(
    ("options", "wrong", "mend"),
    [
        ({"max_share_per_wave": 0.5}, "max_share_per_wave: topic a receives 75 % of all bytes, more than 50 %",
         "give max_share_per_wave = 0.75 or more"),
        ({"max_bytes_in_per_s_per_wave": 20e6},
         "max_bytes_in_per_s_per_wave: topic a receives 30 MB/s, more than 20 MB/s",
         "give max_bytes_in_per_s_per_wave = 30000000 or more"),
        ({"max_topics_per_wave": 1, "together": [{"a", "b"}]},
         "max_topics_per_wave: what moves together (topics a, b) has 2 topics, more than 1",
         "give max_topics_per_wave = 2 or more"),
        ({"max_clients_per_wave": 1}, "max_clients_per_wave: topic a has 2 clients, more than 1",
         "give max_clients_per_wave = 2 or more"),
        ({"replication_bytes_per_s": 50e6},
         (f"replication_bytes_per_s: topic a {RECEIVES} at most 50 % of 50 MB/s may be used for new records "
          "(arriving_share)"),
         "give at least 60 MB/s"),
        ({"max_backfill_s": 60},
         "max_backfill_s needs replication_bytes_per_s", "give the bandwidth of the replicator"),
        ({"max_backfill_s": 10, "replication_bytes_per_s": 80e6}, "max_backfill_s: topic a takes 34 s to copy",
         "give max_backfill_s = 34 or more, or more bandwidth"),
        ({"first_wave_share": 0.1},
         "first_wave_share: every topic that may move first has more than 10 % of bytes in or of clients",
         "give 0.5 or more, or None for no pilot wave"),
    ],
)  # fmt: skip
def test_what_no_wave_can_hold_is_refused_and_told_what_would_do(planned, options, wrong, mend):
    with pytest.raises(InputError) as caught:
        planned(TWO, FLOWS, **options)
    assert str(caught.value) == f"{wrong}; {mend}"


@pytest.mark.parametrize(
    "options",
    [
        {"max_share_per_wave": 0.75},
        {"max_bytes_in_per_s_per_wave": 3e7},
        {"max_topics_per_wave": 2, "together": [{"a", "b"}]},
        {"max_clients_per_wave": 2},
        {"replication_bytes_per_s": 60e6},
        {"max_backfill_s": 34, "replication_bytes_per_s": 80e6},
        {"first_wave_share": 0.5},
    ],
)
def test_what_the_message_says_would_do_does(planned, options):
    assert len(planned(TWO, FLOWS, **options).topic_waves) == 2


def test_shares_of_nothing_bound_nothing(planned):
    with pytest.raises(InputError, match="the topics have no traffic"):
        planned({"a": 0}, [], max_share_per_wave=0.5)
    assert planned({"a": 0}, []).waves["share_of_bytes_in"].to_list() == [None]
