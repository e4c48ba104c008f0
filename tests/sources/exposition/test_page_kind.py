from __future__ import annotations

import pytest

from kafka_analysis.sources.exposition.page_kind import kind_of

GO = """An error has occurred while serving metrics:

2 error(s) occurred:
* collected metric "kafka_consumergroup_lag" { label:<name:"topic" value:"orders" > } was collected before
* collected metric "kafka_consumergroup_members" was collected before
"""
GO_ONE = "An error has occurred during metrics gathering:\n\ninvalid label value\n"
JAVA = """java.lang.IllegalStateException: boom
\tat io.prometheus.jmx.JmxScraper.doScrape(JmxScraper.java:112)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.rmi.ConnectException: Connection refused to host: 10.0.0.1
\tat java.rmi/sun.rmi.transport.tcp.TCPEndpoint.newSocket(TCPEndpoint.java:626)
\t... 11 more
"""
CLIENT = "An Exception occurred while scraping metrics: \n" + JAVA
PYTHON = """Traceback (most recent call last):
  File "exporter.py", line 3, in <module>
    raise RuntimeError("no broker")
RuntimeError: no broker
"""
OWN = "the exporter's own error: "
REFUSED = "java.rmi.ConnectException: Connection refused to host: 10.0.0.1"
BOOM = f"java.lang.IllegalStateException: boom; caused by: {REFUSED}"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (GO, OWN + 'collected metric "kafka_consumergroup_lag" { label:<name:"topic" value:"orders" > } was collected '
         "before (the first of 2)"),
        (GO.replace("\n", "\r\n"), OWN + 'collected metric "kafka_consumergroup_lag" { label:<name:"topic" '
         'value:"orders" > } was collected before (the first of 2)'),
        (GO_ONE, OWN + "invalid label value"),
        (JAVA, OWN + BOOM),
        (CLIENT, OWN + BOOM),
        (f"<html><body><pre>{JAVA}</pre></body></html>", OWN + BOOM),
        (PYTHON, OWN + "RuntimeError: no broker"),
        ("<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head></html>", "HTML: '502 Bad Gateway'"),
        ("<html><body><h2>HTTP ERROR <b>404</b></h2></body></html>", "HTML: 'HTTP ERROR 404'"),
        ("<html></html>", "HTML"),
        ("<x/>", "markup"),
        ('{"timestamp": 1, "status": 404, "error": "Not Found", "path": "/metrics"}', "JSON: 'Not Found'"),
        ('{"errors": [{"detail": "no token"}]}', "JSON: 'no token'"),
        ('{"a": 1}', "JSON"),
        ("[" * 100_000, "JSON"),
        ("404 page not found\n", "text without metrics: '404 page not found'"),
        ("no\x1b[31m\nsecond line", "text without metrics: 'no\\x1b[31m'"),
        ("\x00\x01", "binary"),
        ("", "empty"),
        (" " * 5000, "blank"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_named_with_its_own_words(page, kind):
    assert kind_of(page.encode()) == kind


def test_words_are_bounded_and_stay_on_one_line():
    for page in (
        GO.replace("orders", "o" * 100_000),
        JAVA.replace("boom", "\x00" * 9000),
        "<title>" + "t" * 9999,
    ):
        kind = kind_of(page.encode())
        assert len(kind) < 500
        assert kind.isprintable()
