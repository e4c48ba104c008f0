from __future__ import annotations

import time
from urllib.parse import parse_qs

import httpx
import pytest

from kafka_analysis.model.errors import ProfileError, RefusedError, SourceError, TooLargeError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.model.profile import PrometheusServer
from kafka_analysis.sources.prometheus import api as prometheus_api
from kafka_analysis.sources.prometheus.api import connected

URL = "http://prometheus.example.org:9090/base/"
GOOD = {"status": "success", "data": []}
SPAN = {"start_ms": 60_000, "end_ms": 120_500}


class Server:
    """Answers from a list, one after the other (the last one for ever), and what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.pauses = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fields(self):
        request = self.requests[-1]
        text = request.content.decode() if request.method == "POST" else request.url.query.decode()
        return {name: value for name, (value,) in parse_qs(text).items()}

    def connected(self, **more):
        server = PrometheusServer.model_validate({"url": URL, **more})
        return connected(server, transport=httpx.MockTransport(self), pause=self.pauses.append)


def good(**more):
    return httpx.Response(200, json=GOOD | more)


def error(status, text, **headers):
    return httpx.Response(status, json={"status": "error", "errorType": "x", "error": text}, headers=headers)


def test_names_are_asked_of_the_series_that_match():
    server = Server(good(data=["up"], warnings=["store b is\n down"]))
    with server.connected() as api:
        reply = api.names('{job="kafka"}', **SPAN)
    assert (reply.data, reply.warnings) == (["up"], ("store b is down",))
    assert server.requests[0].url.path == "/base/api/v1/label/__name__/values"
    assert server.fields() == {"match[]": '{job="kafka"}', "start": "60.000", "end": "120.500"}


def test_raw_samples_are_an_instant_query_of_a_range():
    server = Server(good(data={}))
    with server.connected(timeout_s=5) as api:
        api.raw('{job="kafka"}', **SPAN)
    assert server.requests[0].url.path == "/base/api/v1/query"
    assert server.fields() == {"query": '{job="kafka"}[60501ms]', "time": "120.500", "timeout": "5"}


def test_steps_end_before_the_end_and_look_back_less_than_a_step():
    server = Server(good(data={}))
    with server.connected() as api:
        api.stepped("up", **SPAN, step_ms=15_000)
    assert server.requests[0].url.path == "/base/api/v1/query_range"
    fields = {
        "query": "last_over_time(up[14999ms])",
        "start": "60.000",
        "end": "120.499",
        "step": "15.000",
    }
    assert server.fields() == {**fields, "timeout": "60"}


@pytest.mark.parametrize(
    "failure",
    [error(500, "x"), error(502, "x"), error(503, "x"), error(429, "x"), httpx.ConnectError("refused"),
     httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut off")],
)  # fmt: skip
def test_what_may_pass_is_asked_again(failure):
    server = Server(failure, failure, good(data=[{"job": "a"}]))
    with server.connected() as api:
        assert api.series("{}", **SPAN).data == [{"job": "a"}]
    assert server.pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (error(503, "query timed out\nin expression"), "HTTP status 503: query timed out in expression"),
        (httpx.Response(502, text="<html>"), "HTTP status 502: no reason given"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "no connection: Connection refused"),
        (httpx.ReadTimeout(""), "no full answer within 60 s"),
    ],
)
def test_but_not_for_ever(failure, said):
    server = Server(failure)
    with server.connected() as api, pytest.raises(SourceError, match=said) as caught:
        api.series("{}", **SPAN)
    assert len(server.requests) == prometheus_api.ATTEMPTS
    assert "\n" not in str(caught.value)


def test_the_server_says_how_long_to_wait_within_reason():
    later = {"Retry-After": "7"}
    server = Server(error(429, "x", **later), error(503, "x", **{"Retry-After": "86400"}), good(data=[]))
    with server.connected() as api:
        api.series("{}", **SPAN)
    assert server.pauses == [7.0, 30.0]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (error(400, "parse error"), RefusedError, "HTTP status 400: parse error"),
        (error(422, "expanding series: broken block"), RefusedError, "broken block"),
        (error(422, "query processing would load too many samples into memory"), TooLargeError, "too many"),
        (error(400, "exceeded maximum resolution of 11,000 points per timeseries"), TooLargeError, "11,000"),
        (error(413, ""), TooLargeError, "HTTP status 413"),
        (error(401, ""), SourceError, "not logged in; check token"),
        (httpx.Response(403, text="<html>no"), SourceError, "no right to query"),
        (httpx.Response(404), SourceError, "check the path in url"),
        (httpx.Response(302, headers={"Location": "http://elsewhere/"}), SourceError, "HTTP status 302"),
        (httpx.Response(200, text="<html>"), SourceError, "not from the Prometheus HTTP API"),
        (httpx.Response(200, json=[1]), SourceError, "not from the Prometheus HTTP API"),
        (good(data={"a": 1}), SourceError, "not from the Prometheus HTTP API"),
        (good(data=["text"]), SourceError, "not from the Prometheus HTTP API"),
    ],
)
def test_what_will_not_pass_is_told_at_once(answer, kind, said):
    server = Server(answer)
    with server.connected() as api, pytest.raises(SourceError, match=said) as caught:
        api.series("{}", **SPAN)
    assert type(caught.value) is kind
    assert (len(server.requests), server.pauses) == (1, [])


def test_a_server_that_takes_no_post_is_asked_with_get():
    server = Server(httpx.Response(405), good(data=[]))
    with server.connected() as api:
        api.series("{}", **SPAN)
    assert [request.method for request in server.requests] == ["POST", "GET"]
    assert server.fields()["match[]"] == "{}"


def test_an_answer_is_bounded_in_size(monkeypatch):
    monkeypatch.setattr(prometheus_api, "ANSWER_LIMITS", PageLimits(most_bytes=1000))
    server = Server(good(data=["x" * 2000]))
    with server.connected() as api, pytest.raises(TooLargeError, match="more than 1000 bytes"):
        api.names("{}", **SPAN)


def test_an_answer_is_bounded_in_time_also_when_it_trickles(pages):
    pauses = []
    server = PrometheusServer.model_validate({"url": f"{pages}/trickle?".rstrip("?"), "timeout_s": 0.2})
    began = time.monotonic()
    with connected(server, pause=pauses.append) as api:
        trickling = prometheus_api.PrometheusApi(
            _AlwaysAt(api.client, f"{pages}/trickle"), "", 0.2, pauses.append
        )
        with pytest.raises(SourceError, match=r"no full answer within 0\.2 s"):
            trickling.names("{}", **SPAN)
    assert time.monotonic() - began < 10
    assert len(pauses) == prometheus_api.ATTEMPTS - 1


class _AlwaysAt:
    """A client that asks one address, whatever is asked."""

    def __init__(self, client, url):
        self.client, self.url = client, url

    def stream(self, method, url, **more):
        return self.client.stream("GET", self.url, timeout=more["timeout"])


def test_a_token_is_sent_and_never_shown(monkeypatch):
    monkeypatch.setenv("KA_TEST_TOKEN", "hush-hush")
    server = Server(error(401, "who is that"))
    with server.connected(token={"env": "KA_TEST_TOKEN"}) as api:
        with pytest.raises(SourceError) as caught:
            api.series("{}", **SPAN)
        assert "hush" not in repr(api)
    assert server.requests[0].headers["Authorization"] == "Bearer hush-hush"
    assert "hush" not in str(caught.value)


def test_a_login_is_sent(monkeypatch):
    monkeypatch.setenv("KA_TEST_PASSWORD", "hush")
    server = Server(good(data=[]))
    with server.connected(username="ann", password={"env": "KA_TEST_PASSWORD"}) as api:
        api.series("{}", **SPAN)
    assert server.requests[0].headers["Authorization"] == "Basic YW5uOmh1c2g="


@pytest.mark.parametrize("token", ["hush\nX-Other: 1", "hüsh", ""])
def test_what_is_no_token_is_not_sent_and_not_shown(tmp_path, token):
    (tmp_path / "token").write_text(token, encoding="utf-8")
    with (
        pytest.raises(ProfileError, match="no token may have") as caught,
        Server(good()).connected(token={"file": str(tmp_path / "token")}),
    ):
        pass
    assert "hush" not in str(caught.value)


def test_a_certificate_that_is_none_is_told(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name, said in (("none.pem", "No such file"), ("ca.pem", "cannot be read")):
        with pytest.raises(ProfileError, match=said), Server(good()).connected(ca_file=str(tmp_path / name)):
            pass


def test_a_redirect_does_not_take_the_token_elsewhere(monkeypatch):
    monkeypatch.setenv("KA_TEST_TOKEN", "hush")
    server = Server(httpx.Response(302, headers={"Location": "http://elsewhere.example.org/"}), good(data=[]))
    with server.connected(token={"env": "KA_TEST_TOKEN"}) as api, pytest.raises(SourceError, match="302"):
        api.series("{}", **SPAN)
    assert len(server.requests) == 1
