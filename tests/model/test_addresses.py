from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.addresses import HIDDEN, holds_credentials, redacted, without_credentials

SECRET = "hUnt3r"
NOT = f"http://{HIDDEN}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://ann:hUnt3r@h:1/m?token=hUnt3r#hUnt3r", "http://h:1/m"),
        ("HTTP://ann:hUnt3r@H:1/m", "http://H:1/m"),
        ("https://[::1]:11001/metrics", "https://[::1]:11001/metrics"),
        ("https://ann:hUnt3r@[fe80::1%25eth0]:1/metrics", "https://[fe80::1%25eth0]:1/metrics"),
        ("http://h/metrics;token=hUnt3r/x", "http://h/metrics"),
        ("http://h/metrics", "http://h/metrics"),
        ("http://under_score:1", "http://under_score:1"),
        ("ftp://ann:hUnt3r@h/x", "ftp://h/x"),
        ("http://a:b@c:hUnt3r@h:1/", "http://h:1/"),
        # where the login ends, nobody can say
        ("http://ann:hUn/t3r@h/", NOT),
        ("http://ann:1234/hUnt3r@h/", NOT),
        ("http://ann:hUnt3r?@h/", NOT),
        ("http://ann:hUnt3r#@h/", NOT),
        ("http://ann:hUnt3r", NOT),
        ("http://ann:hUnt3r@", NOT),
        ("http://ann:hUnt3r@:80/", NOT),
        ("http://ann%3AhUnt3r%40h/", NOT),
        ("http://h:99999/", NOT),
        ("http://h:hUnt3r/", NOT),
        ("http://[::1/hUnt3r", NOT),
        ("http://ann:hUnt3r@h h/", NOT),
        ("http://h\\hUnt3r@g/", "http://g/"),
        ("http://h/\nhUnt3r", NOT),
        ("ann:hUnt3r@h:1", HIDDEN),
        ("http:/ann:hUnt3r@h", HIDDEN),
        ("", HIDDEN),
    ],
)
def test_an_address_is_shown_without_its_secrets_or_not_at_all(url, shown):
    assert redacted(url) == shown
    assert SECRET not in redacted(url)


# A secret is text that is in no host: what is looked for below must not be there by chance.
logins = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12).map(
    lambda t: f"{t}§{t}"
)
hosts = st.sampled_from(["h", "b-1.example.org", "10.0.0.1", "[::1]", ""])
ports = st.sampled_from(["", ":1", ":65535", ":65536", ":x", ":"])


@given(st.sampled_from(["http", "HTTPS", "kafka", ""]), logins, logins, hosts, ports, logins)
def test_no_part_of_a_login_or_query_is_ever_shown(scheme, user, password, host, port, more):
    for given_password in (password, quote(password, safe="")):
        url = f"{scheme}://{user}:{given_password}@{host}{port}/metrics?token={more}#{more}"
        for shown in (
            redacted(url),
            without_credentials(url) if scheme and not re.search(r"\s", url) else "",
        ):
            assert "§" not in shown.replace("%", "")
            assert "%C2%A7" not in shown


@given(st.text(max_size=40))
def test_what_is_shown_stays_as_it_is_when_shown_again(text):
    shown = redacted(f"http://{text}")
    assert shown in (redacted(shown), NOT)
    assert without_credentials(without_credentials(text)) == without_credentials(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'http://ann:hUnt3r@h:1/m' is listed twice", "'http://h:1/m' is listed twice"),
        ("ann:hUnt3r@h:9092/boot: 'ann:hUnt3r@h:9092' is no host", "…@h:9092/boot: '…@h:9092' is no host"),
        ("see http://h/m?token=hUnt3r.", "see http://h/m."),
        ("HTTP:/ann:hUnt3r@h", HIDDEN),
        ("a:b@c and d:hUnt3r@e", "…@c and …@e"),
        ("see https://kafka.apache.org/documentation; write to ops@example.org", None),
        ("User:CN=ann@EXAMPLE.ORG has no right", None),
        ('http://127.0.0.1:9090 {job="kafka",instance="h:9100"}', None),
        ("2026-01-01T00:00:00Z: no answer within 10 s", None),
    ],
)
def test_a_sentence_loses_logins_and_tokens_and_nothing_else(text, shown):
    assert without_credentials(text) == (text if shown is None else shown)


@pytest.mark.parametrize(
    "text", ["data/sample", "a@b.csv", "{'orders': 'cell-1'}", "2026-12-20/2027-01-04", "tmp-*", ""]
)
def test_ordinary_parameters_hold_no_secret(text):
    assert not holds_credentials(text)
