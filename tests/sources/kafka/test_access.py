"""ACLs, quotas and users as brokers answer them; the testbed's tests ask real ones."""

from __future__ import annotations

from types import SimpleNamespace

import polars as pl
import pytest
from kafka.errors import IncompatibleBrokerVersion, RequestTimedOutError
from kafka.protocol.admin import (
    DescribeAclsResponse,
    DescribeClientQuotasResponse,
    DescribeUserScramCredentialsResponse,
)

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.kafka import access as kafka_access
from kafka_analysis.sources.kafka.access import has_authorizer, read_acls, read_quotas, read_users
from kafka_analysis.sources.kafka.metadata import PROBE

RESOURCE = DescribeAclsResponse.DescribeAclsResource
ACL = RESOURCE.AclDescription
ENTRY = DescribeClientQuotasResponse.EntryData
ENTITY, VALUE = ENTRY.EntityData, ENTRY.ValueData
USER = DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult
READERS = {read_acls: "Describe", read_quotas: "DescribeConfigs", read_users: "Describe"}
ANSWERS = {
    read_acls: DescribeAclsResponse,
    read_quotas: DescribeClientQuotasResponse,
    read_users: DescribeUserScramCredentialsResponse,
}
HOSTILE = ("ü[$]{x}", "日本\n", "<default>", "", "*", "User:" + "z" * 5000)


def client(answer):
    """Return a client that gives one answer, or raises it, and keeps what it was asked."""
    asked, brokers = [], []

    def run(send, request, broker):
        asked.append(send(request))
        brokers.append(broker)
        if isinstance(answer, Exception):
            raise answer
        return answer

    manager = SimpleNamespace(run=run, send=lambda request: request)
    return SimpleNamespace(_manager=manager, asked=asked, brokers=brokers)


def acls(*entries, code=0):
    """Return a broker's answer; an entry is resource type, name, pattern, principal, host, operation, permission."""
    resources = [
        RESOURCE(
            resource_type=kind,
            resource_name=name,
            pattern_type=pattern,
            acls=[ACL(principal=who, host=host, operation=operation, permission_type=permission)],
        )
        for kind, name, pattern, who, host, operation, permission in entries
    ]
    return DescribeAclsResponse(error_code=code, error_message=None, resources=resources)


def rows(read, answer):
    table, missing = read(client(answer), cluster="c")
    return table.drop("ts", "cluster").rows(), missing


def test_acls_are_written_in_kafka_s_words():
    answer = acls(
        (2, "orders.", 4, "User:a", "*", 4, 3),
        (4, "kafka-cluster", 3, "User:b", "10.0.0.1", 2, 2),
        (5, "tx", 4, "User:c", "*", 15, 3),  # of Kafka 4: TWO_PHASE_COMMIT
        (99, "x", 3, "User:d", "*", 77, 3),
    )
    assert rows(read_acls, answer) == (
        [
            ("User:a", "*", "TOPIC", "orders.", "PREFIXED", "WRITE", "ALLOW"),
            ("User:b", "10.0.0.1", "CLUSTER", "kafka-cluster", "LITERAL", "ALL", "DENY"),
            ("User:c", "*", "TRANSACTIONAL_ID", "tx", "PREFIXED", "TWO_PHASE_COMMIT", "ALLOW"),
            ("User:d", "*", "UNKNOWN_99", "x", "LITERAL", "UNKNOWN_77", "ALLOW"),
        ],
        None,
    )


def test_every_acl_is_asked_for():
    asking = client(acls())
    read_acls(asking, cluster="c")
    (request,) = asking.asked
    filters = ("resource_type_filter", "pattern_type_filter", "operation", "permission_type")
    assert {getattr(request, name) for name in filters} == {kafka_access.ANY}
    assert {request.resource_name_filter, request.principal_filter, request.host_filter} == {None}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_as_they_are(name):
    entity = ENTITY(entity_type="client-id", entity_name=name)
    quotas = DescribeClientQuotasResponse(
        error_code=0,
        error_message=None,
        entries=[ENTRY(entity=[entity], values=[VALUE(key="request_percentage", value=1.5)])],
    )
    assert rows(read_acls, acls((2, name, 3, name, "*", 3, 3)))[0][0][:4] == (name, "*", "TOPIC", name)
    assert rows(read_quotas, quotas)[0] == [(None, name, None, [], "request_percentage", 1.5)]


def test_no_acl_and_no_authorizer_are_two_things():
    assert rows(read_acls, acls()) == ([], None)
    assert read_acls(client(acls(code=54)), cluster="c") == (None, None)
    assert [has_authorizer(client(acls(code=code))) for code in (0, 31, 54, -1)] == [True, True, False, None]
    assert has_authorizer(client(RequestTimedOutError())) is None
    assert has_authorizer(SimpleNamespace()) is None


def test_an_authorizer_is_asked_of_one_broker_for_what_is_not_there():
    asking = client(acls())
    has_authorizer(asking, 7)
    (request,) = asking.asked
    assert (request.resource_type_filter, request.resource_name_filter) == (kafka_access.TOPIC, PROBE)
    assert (request.pattern_type_filter, asking.brokers) == (kafka_access.LITERAL, [7])


def test_every_quota_is_asked_for_whatever_else_its_entity_has():
    asking = client(DescribeClientQuotasResponse(error_code=0, error_message=None, entries=[]))
    read_quotas(asking, cluster="c")
    assert (asking.asked[0].components, asking.asked[0].strict) == ([], False)


def test_twenty_thousand_acls_are_all_read():
    many = [(2, f"topic-{n}", 3, f"User:service-{n % 700}", "*", 4, 3) for n in range(20_000)]
    table, _ = read_acls(client(acls(*many)), cluster="c")
    assert (len(table), table["resource_name"].n_unique(), table["principal"].n_unique()) == (
        20_000,
        20_000,
        700,
    )


def entry(key, value, **names):
    parts = [ENTITY(entity_type=kind.replace("_", "-"), entity_name=name) for kind, name in names.items()]
    return ENTRY(entity=parts, values=[VALUE(key=key, value=value)])


def test_quotas_of_every_kind_and_their_defaults():
    answer = DescribeClientQuotasResponse(
        error_code=0,
        error_message=None,
        entries=[
            entry("producer_byte_rate", 1e6, user="a"),
            entry("consumer_byte_rate", 2e6, user=None),
            entry("request_percentage", 12.5, user="a", client_id=None),
            entry("connection_creation_rate", 3.0, ip="10.0.0.1"),
            entry("connection_creation_rate", 9.0, ip=None),
            entry("new_rate", 1.0, team="x"),  # of a Kafka to come: not a quota of everybody
            entry("new_rate", 1.0, user="a", team="x"),
            entry("request_percentage", 50.0, user=None, client_id=None),
        ],
    )
    assert rows(read_quotas, answer) == (
        [
            ("a", None, None, [], "producer_byte_rate", 1e6),
            (None, None, None, ["user"], "consumer_byte_rate", 2e6),
            ("a", None, None, ["client_id"], "request_percentage", 12.5),
            (None, None, "10.0.0.1", [], "connection_creation_rate", 3.0),
            (None, None, None, ["ip"], "connection_creation_rate", 9.0),
            (None, None, None, ["client_id", "user"], "request_percentage", 50.0),
        ],
        "quotas: 2 of 8 have unknown entity types",
    )


def user(name, *mechanisms, code=0):
    infos = [USER.CredentialInfo(mechanism=number, iterations=4096) for number in mechanisms]
    return USER(user=name, error_code=code, error_message=None, credential_infos=infos)


def test_users_are_names_and_mechanisms_and_nothing_else():
    results = [user("a", 2), user("b", 1, 2), user("c", 9), user("gone", 1, code=91)]
    answer = DescribeUserScramCredentialsResponse(error_code=0, error_message=None, results=results)
    assert rows(read_users, answer) == (
        [("a", "SCRAM-SHA-512"), ("b", "SCRAM-SHA-256"), ("b", "SCRAM-SHA-512"), ("c", "UNKNOWN-9")],
        "users: 1 of 4 not read",
    )


def test_everybody_is_asked_for_by_an_empty_list():
    asking = client(DescribeUserScramCredentialsResponse(error_code=0, error_message=None, results=[]))
    read_users(asking, cluster="c")
    assert asking.asked[0].users == []  # without the right, brokers never answer where it is null


@pytest.mark.parametrize("read", READERS)
def test_a_missing_right_is_unknown_and_names_the_right(read):
    answer = ANSWERS[read](error_code=31, error_message="Request(…) needs DESCRIBE permission.")
    with pytest.raises(SourceError, match=f"no right to {READERS[read]} on the cluster"):
        read(client(answer), cluster="c")


@pytest.mark.parametrize("read", READERS)
def test_nothing_in_an_answer_is_none_and_an_error_is_not(read):
    empty = SimpleNamespace(error_code=0, resources=None, entries=None, results=None)
    table, missing = read(client(empty), cluster="c")
    assert isinstance(table, pl.DataFrame)
    assert (table.is_empty(), missing) == (True, None)
    with pytest.raises(SourceError, match=r"^UnknownError: .+"):
        read(client(ANSWERS[read](error_code=-1, error_message=None)), cluster="c")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("answer", [IncompatibleBrokerVersion("no"), None])
def test_a_broker_that_is_too_old_is_said_to_be(read, answer):
    answer = answer or ANSWERS[read](error_code=35, error_message=None)
    question = ANSWERS[read].__name__.removesuffix("Response")
    with pytest.raises(SourceError, match=f"^the brokers do not support {question}: .* too old$"):
        read(client(answer), cluster="c")


@pytest.mark.parametrize("read", READERS)
def test_a_broker_that_does_not_answer_is_a_gap(read):
    with pytest.raises(SourceError, match="timed out") as caught:
        read(client(RequestTimedOutError("timed out\nand more")), cluster="c")
    assert "\n" not in str(caught.value)
    with pytest.raises(SourceError, match="reset by peer"):
        read(client(ConnectionResetError("reset by peer")), cluster="c")
    with pytest.raises(SourceError, match="kafka-python"):
        read(SimpleNamespace(), cluster="c")
