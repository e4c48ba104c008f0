from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.notify_target import NotifyTarget

HTTP = {"kind": "webhook", "url": {"env": "URL"}}
MAIL = {"kind": "mail", "host": "mail.example.org", "from": "a@b.org", "to": "c@d.org"}
LOGIN = {"username": "u", "password": {"env": "PW"}}


@pytest.mark.parametrize(
    "given",
    [
        HTTP,
        HTTP | {"kind": "slack"},
        HTTP | {"token": {"file": "t"}},
        MAIL,
        MAIL | LOGIN,
        MAIL | {"to": ["a@b", "c@d"]},
    ],
)
def test_what_is_whole_is_taken(given) -> None:
    assert NotifyTarget(**given).kind == given["kind"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "pigeon"}, "webhook"),
        ({"kind": "slack"}, "also needs url"),
        ({"kind": "mail"}, "also needs host, from, to"),
        (HTTP | {"host": "h"}, "takes no host"),
        (MAIL | {"url": {"env": "URL"}}, "takes no url"),
        (HTTP | {"url": "https://hooks.example.org/hush"}, "valid dictionary"),
        (MAIL | {"username": "u"}, "belong together"),
        (MAIL | LOGIN | {"tls": "none"}, "protected connection only"),
        (MAIL | {"to": "a@b\nBcc: e@f"}, "match pattern"),
        (MAIL | {"from": "Ann <a@b>"}, "match pattern"),
        (MAIL | {"to": []}, "also needs to"),
        (MAIL | {"host": "h/x"}, "match pattern"),
        (MAIL | {"port": 0}, "greater than or equal to 1"),
        (HTTP | {"channel": "x"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said_without_its_value(given, said) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        NotifyTarget(**given)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_is_the_usual_one_unless_given(tls, port) -> None:
    assert NotifyTarget(**MAIL, tls=tls).smtp_port == port
    assert NotifyTarget(**MAIL, tls=tls, port=2525).smtp_port == 2525
