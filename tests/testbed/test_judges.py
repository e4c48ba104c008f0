from __future__ import annotations

from testbed.judges import parse_groups, parse_log_dirs, parse_offsets

LOG_DIRS = """Querying brokers for log directories information
Received log directory information from brokers 1,2
{"version":1,"brokers":[{"broker":1,"logDirs":[{"logDir":"/d","error":null,"partitions":[\
{"partition":"a-b.c-10","size":700,"offsetLag":0,"isFuture":false}]}]},{"broker":2,"logDirs":[{"logDir":"/d","error":null,\
"partitions":[]}]}]}"""
GROUPS = """
Consumer group 'old' has no active members.

GROUP         TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
old           a.b     1          3               10              7    -            -           -
old           a.b     0          -               5               -    -            -           -

GROUP         TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
prüfung-größe clicks  0          5               5               0    c-1-2        /127.0.0.1  c-1
"""


def test_log_dirs_are_parsed_from_the_one_line_of_json() -> None:
    assert parse_log_dirs(LOG_DIRS).rows() == [(1, "a-b.c", 10, 700)]


def test_offsets_are_parsed_from_the_right() -> None:
    assert parse_offsets("a.b:0:12\na.b:1:0\n").rows() == [("a.b", 0, 12), ("a.b", 1, 0)]


def test_groups_are_parsed_with_what_is_missing_left_missing() -> None:
    assert parse_groups(GROUPS).rows() == [
        ("old", "a.b", 0, None, 5, None),
        ("old", "a.b", 1, 3, 10, 7),
        ("prüfung-größe", "clicks", 0, 5, 5, 0),
    ]


def test_no_groups_are_an_empty_table() -> None:
    assert parse_groups("\n").rows() == []
