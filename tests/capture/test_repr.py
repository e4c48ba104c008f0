from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kafka_analysis.capture.repr import capture_html, capture_text
from kafka_analysis.model.manifest import ClusterInfo, Manifest, Span
from kafka_analysis.model.rights import NO_AUTHORIZER, RIGHTS

T = datetime(2026, 1, 1, tzinfo=UTC)


def manifest(**more):
    return Manifest(
        capture_id="c-1",
        created_at=T,
        tool_version="1",
        window=Span(start=T, end=T + timedelta(minutes=2)),
        **more,
    )


def test_the_window_and_what_is_unusual_are_told():
    text = capture_text(manifest(synthetic=True, notes=["Mind this."]), T, T + timedelta(minutes=2))
    assert "(2 min 0 s)" in text
    assert "synthetic: yes" in text
    assert text.splitlines()[0] == "capture c-1 (synthetic)"
    assert "note: Mind this." in text
    assert "tables: none" in text


def test_names_are_escaped():
    html = capture_html(manifest(clusters=[ClusterInfo(cluster="<b>x</b>")]), T, T)
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_html_says_synthetic_in_its_caption():
    for made_up in (True, False):
        html = capture_html(manifest(synthetic=made_up), T, T)
        caption = html[html.index("<caption") : html.index("</caption>")]
        assert ("(synthetic)" in caption) is made_up


def test_what_the_recording_was_not_allowed_to_see_is_said():
    cluster = ClusterInfo(cluster="c", missing_rights=RIGHTS[:1])
    text = capture_text(manifest(clusters=[cluster]), T, T + timedelta(minutes=2))
    assert "missing right: c: no right to Describe on the cluster: sizes of log dirs" in text


def test_a_cluster_without_an_authorizer_is_said_to_have_none():
    shown = {
        authorizer: capture_text(
            manifest(clusters=[ClusterInfo(cluster="c", has_authorizer=authorizer)]), T, T
        )
        for authorizer in (True, False, None)
    }
    assert {authorizer: NO_AUTHORIZER in text for authorizer, text in shown.items()} == {
        True: False,
        False: True,
        None: False,
    }
