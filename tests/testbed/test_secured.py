"""A cluster with Kafka's own authorizer: each right that is missing is named, and takes nothing else along.

The same brokers show groups of every kind, a log directory that takes no replicas, and groups whose coordinators move.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from kafka_analysis import analyses, stats
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.live.checks.around import read_around
from kafka_analysis.live.checks.both_ends import BothEnds, read_both_ends
from kafka_analysis.live.checks.doctor import Status, check_profile
from kafka_analysis.live.checks.end_of_pair import End
from kafka_analysis.live.record import targets
from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.mirror_files import MirrorSettings, flows_of_files
from kafka_analysis.live.record.mirror_topics import NOT_ALL_VISIBLE, MirrorTopics
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import ClusterProfile, Profile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.internal_topics import NO_READ
from kafka_analysis.sources.kafka.stretches import NO_READ as STRETCH_NO_READ
from kafka_analysis.sources.kafka.transactions import NOT_ALL_IDS
from kafka_analysis.sources.spelling.exporter_words import exporter_words
from testbed import processes
from testbed.admin import Admin
from testbed.brokers import jvm
from testbed.certificates import authority, issue, write_pem
from testbed.secured import NAME, Listener, Secured, password_variable, principal, running_secured
from testbed.secured_users import APPLICATION_ACLS, PREFIX, QUOTAS, USERS, WRITER, give_to_applications, grant
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
TOPICS = ("orders.created", "orders.paid", "payments")
GROUPS = {f"group-{n}" for n in range(12)}
QUEUE = "queue"
LISTENERS: tuple[Listener, Listener] = ("scram", "mtls")
MISSING = {
    "full": [],
    "no-cluster": ["Describe on the cluster"],
    "no-cluster-configs": ["DescribeConfigs on the cluster"],
    "no-topics": ["Describe on all topics"],
    "no-topic-configs": ["DescribeConfigs on all topics"],
    "no-groups": ["Describe on all groups"],
    "some-topics": ["Describe on all topics", "DescribeConfigs on all topics"],
    "none": [
        "Describe on the cluster",
        "DescribeConfigs on the cluster",
        "Describe on all topics",
        "DescribeConfigs on all topics",
        "Describe on all groups",
    ],
}
# The tables a user's recording lacks; all others hold as much as those of the user who may see everything.
OF_TOPICS = {"topics", "topic_configs", "partitions", "offsets", "group_offsets", "log_dirs"}
LACKING = {
    "full": set(),
    "no-cluster": {"log_dirs", "acls", "users"},
    "no-cluster-configs": {"broker_configs", "quotas"},
    "no-topics": OF_TOPICS,
    "no-topic-configs": {"topic_configs"},
    "no-groups": {"group_offsets"},
    "some-topics": set(),
    "none": {
        "topics",
        "topic_configs",
        "broker_configs",
        "partitions",
        "offsets",
        "groups",
        "group_offsets",
        "log_dirs",
        "acls",
        "quotas",
        "users",
    },
}
TABLES = ("brokers", *sorted(LACKING["none"]))


@pytest.fixture(scope="module")
def cluster(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("secured") / "run"
    with running_secured(run_dir, users=tuple(USERS)) as found:
        fill(found)
        with pytest.MonkeyPatch.context() as patch:
            for user in (*USERS, "admin"):
                patch.setenv(password_variable(user), found.passwords[user])
            yield found
    assert processes.running(run_dir) == []


def fill(cluster: Secured) -> None:
    """Give users their rights; make topics, groups, a share group, and a directory that takes no replicas."""
    grant(cluster, USERS)
    give_to_applications(cluster)
    admin = AdminClient(cluster.client_config())
    topics = [NewTopic(topic, num_partitions=3, replication_factor=2) for topic in TOPICS]
    for future in admin.create_topics(topics).values():
        future.result(timeout=30)
    producer = Producer({**cluster.client_config(), "acks": "all"})
    for topic in TOPICS:
        for partition in range(3):
            producer.produce(topic, b"x", partition=partition)
    assert producer.flush(60) == 0
    own = Admin(cluster.mtls, **cluster.client_config())
    for number, group in enumerate(sorted(GROUPS)):
        own.commit(group, {(TOPICS[number % 3], partition): 1 for partition in range(3)})
    entry = ConfigEntry("cordoned.log.dirs", more_of(cluster, 1), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.BROKER, "1", incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(timeout=30)
    share(cluster)


def more_of(cluster: Secured, broker: int) -> str:
    return str(cluster.folder(broker) / "more")


def share(cluster: Secured) -> None:
    """Read a topic with a share group, until its coordinator knows it."""
    consumer = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
    where = ["--bootstrap-server", cluster.scram, "--command-config", str(cluster.tool_config())]
    command = [*jvm(cluster, heap_mb=96), consumer, *where, "--topic", TOPICS[0], "--group", QUEUE]
    processes.start(QUEUE, command, run_dir=cluster.run_dir, log=cluster.run_dir / "share.log")
    admin = targets_profile(cluster, "admin", "mtls")

    def listed() -> bool:
        found = targets._every_kind(admin, 10).groups.get(QUEUE)
        return found is not None and found.state == "STABLE"

    wait_for(listed, "the share group", within_s=60, where=cluster.run_dir / "share.log")


def targets_profile(cluster: Secured, user: str, listener: Listener) -> ClusterProfile:
    return ClusterProfile.model_validate(cluster.profile(user, listener))


@pytest.fixture(scope="module")
def profile(cluster: Secured) -> Profile:
    """Return a profile in which every user is a cluster of its own; they take the listeners in turn."""
    named = [cluster.profile(user, LISTENERS[number % 2]) for number, user in enumerate(USERS)]
    pages = [{"broker": node.id, "url": node.agent_url} for node in cluster.nodes]
    clusters = [*named, cluster.profile("full", "mtls", name="full-mtls") | {"endpoints": pages}]
    return Profile.model_validate({"clusters": clusters, "admin_timeout_s": 30})


@pytest.fixture(scope="module")
def recorded(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Capture:
    out = tmp_path_factory.mktemp("recorded") / "capture"
    return read_capture(record_capture(profile, out, duration_s=1, interval_s=1))


@pytest.fixture(scope="module")
def doctor(profile: Profile) -> dict[str, list[tuple[Status, str, str]]]:
    checks = check_profile(profile)
    return {
        user: [(c.status, c.name, c.mend) for c in checks if c.name.startswith(f"cluster {user}:")]
        for user in USERS
    }


@pytest.mark.parametrize("user", USERS)
def test_each_missing_right_is_named_and_no_other(recorded: Capture, doctor: dict, user: str) -> None:
    (told,) = [found for found in recorded.clusters if found.cluster == user]
    assert [right.name for right in told.missing_rights] == MISSING[user]
    notes = [note for note in recorded.notes if note.startswith(f"{user}: ")]
    assert all(f"no right to {right}: " in note for right, note in zip(MISSING[user], notes, strict=True))
    named = [(Status.MISSING, f"cluster {user}: right to {right}") for right in MISSING[user]]
    assert [(status, name) for status, name, _ in doctor[user]] == named
    assert all("kafka-acls" in mend for _, _, mend in doctor[user])


def things_of(recorded: Capture, cluster: str) -> dict[str, int]:
    """Count what each table speaks of: topics, partitions, settings, groups; whatever changes meanwhile aside."""
    keys = ("broker", "path", "topic", "partition", "name", "group", "principal", "resource_name", "user")
    rows = {name: table.filter(cluster=cluster) for name, table in recorded.tables(*TABLES).items()}
    return {
        name: table.select(key for key in keys if key in table.columns).unique().height
        for name, table in rows.items()
    }


@pytest.mark.parametrize("user", USERS)
def test_a_missing_right_takes_no_other_table_along(recorded: Capture, user: str) -> None:
    found, whole = (things_of(recorded, cluster) for cluster in (user, "full-mtls"))
    assert {name for name, count in found.items() if count == 0} == LACKING[user]
    for name in set(TABLES) - LACKING[user] - (OF_TOPICS if user == "some-topics" else set()):
        assert found[name] >= whole[name] > 0, name


@pytest.mark.parametrize("user", [user for user in USERS if LACKING[user]])
def test_a_table_that_is_missing_is_a_gap_too(recorded: Capture, user: str) -> None:
    assert len(recorded.gaps.filter(cluster=user)) > 0
    assert recorded.gaps.filter(cluster="full").is_empty()


def test_only_the_topics_of_a_prefix_are_seen_and_the_rest_is_said_to_be_unknown(recorded: Capture) -> None:
    topics = recorded.table("topics").filter(cluster="some-topics")["topic"].unique().sort().to_list()
    assert topics == ["orders.created", "orders.paid"]


def test_groups_of_every_kind_are_listed_and_no_lag_is_made_up(recorded: Capture) -> None:
    for user in ("full", "full-mtls", "no-groups", "no-topics"):
        found = recorded.table("groups").filter(cluster=user)
        assert set(found["group"]) == GROUPS | {QUEUE}
        assert set(found.filter(group=QUEUE).select("kind", "state").iter_rows()) == {("share", "STABLE")}
    assert QUEUE not in recorded.table("group_offsets")["group"]
    (said,) = stats.describe_unread(recorded.table("groups").filter(cluster="full"))
    assert f"1 share group ({QUEUE}) reads topics" in said


def test_a_cordoned_directory_is_seen(recorded: Capture, cluster: Secured) -> None:
    dirs = recorded.table("log_dirs").filter(cluster="full")
    cordoned = dirs.filter(pl.col("is_cordoned"))["path"].unique().to_list()
    assert cordoned == [more_of(cluster, 1)]
    assert dirs["is_cordoned"].null_count() == 0


def test_acls_are_recorded_as_they_were_given(recorded: Capture) -> None:
    acls = recorded.table("acls").filter(cluster="full")
    shared = (
        "principal",
        "host",
        "resource_type",
        "resource_name",
        "pattern_type",
        "operation",
        "permission",
    )
    given = {
        (
            binding.principal,
            binding.host,
            binding.restype.name,
            binding.name,
            binding.resource_pattern_type.name,
            binding.operation.name,
            binding.permission_type.name,
        )
        for binding in APPLICATION_ACLS
    }
    rows = set(acls.select(shared).rows())
    assert given <= rows
    assert len(rows) == len(given) + 2 * sum(len(grants) for grants in USERS.values())
    assert ("User:full", "*", "CLUSTER", "kafka-cluster", "LITERAL", "DESCRIBE", "ALLOW") in rows
    assert acls["ts"].n_unique() == 2  # at the start and at the end
    assert {cluster.has_authorizer for cluster in recorded.clusters} == {True}


def test_quotas_are_recorded_with_their_defaults(recorded: Capture) -> None:
    columns = ("user", "client_id", "ip")
    rows = recorded.table("quotas").filter(cluster="full").unique(["user", "client_id", "ip", "defaults"])
    read = {
        tuple("" if column in row["defaults"] else row[column] for column in columns): (
            row["name"],
            row["value"],
        )
        for row in rows.iter_rows(named=True)
    }
    assert read == QUOTAS


def test_users_are_names_and_mechanisms(recorded: Capture, cluster: Secured) -> None:
    users = recorded.table("users").filter(cluster="full").select("user", "mechanism").unique().rows()
    assert set(users) == {(user, "SCRAM-SHA-512") for user in cluster.passwords}


@pytest.mark.parametrize("table", ["acls", "quotas", "users"])
def test_a_table_of_access_without_its_right_is_a_gap_that_names_it(recorded: Capture, table: str) -> None:
    refused = {user for user in USERS if table in LACKING[user]}
    operation = "DescribeConfigs" if table == "quotas" else "Describe"
    reason = pl.col("reason").str.contains(f"{table}: no right to {operation} on the cluster", literal=True)
    gaps = recorded.gaps.filter(reason, target="access")
    assert set(gaps["cluster"]) == refused


def test_connections_by_client_library_are_those_of_both_listeners(recorded: Capture) -> None:
    software = recorded.table("client_software")
    assert set(software["cluster"]) == {"full-mtls"}
    names = software.filter(pl.col("connections") > 0).select("name", "listener").unique().rows()
    assert {("kafka-python", "MTLS"), ("kafka-python", "SCRAM")} & set(names)
    assert {("confluent-kafka-python", "MTLS"), ("confluent-kafka-python", "SCRAM")} <= set(names)


def test_producers_are_read_from_recorded_acls(recorded: Capture) -> None:
    flows = analyses.migration_waves(recorded, cluster="full").flows
    producers = flows.filter(kind="producer").select("client", "topic").rows()
    assert producers == [(WRITER, "orders.created"), (WRITER, "orders.paid")]


def test_a_redacted_copy_keeps_who_may_do_what_and_no_name(recorded: Capture, tmp_path: Path) -> None:
    redacted = redact_capture(recorded.path, tmp_path / "out", words=exporter_words())
    for table in ("acls", "quotas", "users", "client_software"):
        before, after = recorded.table(table), redacted.table(table)
        texts = [name for name, kind in before.schema.items() if kind == pl.String]
        assert (
            len(after) > len(before) if table == "acls" else len(after) == len(before)
        )  # a prefix is its topics
        names = [name for name in texts if name != "resource_name"]
        assert [after[name].n_unique() for name in names] == [before[name].n_unique() for name in names]
        written = after.select(texts).unique().write_csv()
        assert not [
            name for name in ("\u00fcml", "auditor", "billing", "alice", PREFIX, "MTLS") if name in written
        ]
    pairs = zip(recorded.manifest.clusters, redacted.manifest.clusters, strict=True)
    (full,) = [renamed.cluster for cluster, renamed in pairs if cluster.cluster == "full"]
    flows = analyses.migration_waves(redacted, cluster=full).flows
    assert flows.filter(kind="producer").select("client", "topic").n_unique() == 2
    libraries = set(redacted.table("client_software")["name"])
    assert {"kafka-python", "confluent-kafka-python", "apache-kafka-java"} <= libraries


@pytest.fixture
def mirrored(cluster: Secured) -> Iterator[str]:
    """Put a position of MirrorMaker 2 into a topic as it would, for the time of a test, and return its name."""
    name = "mm2-offsets.old.internal"
    admin = AdminClient(cluster.client_config())
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=2)])[name].result(timeout=30)
    producer = Producer({**cluster.client_config(), "acks": "all"})
    key = b'["MirrorSourceConnector",{"cluster":"old","partition":0,"topic":"orders"}]'
    producer.produce(name, key=key, value=b'{"offset":41}')
    assert producer.flush(60) == 0
    yield name
    admin.delete_topics([name])[name].result(timeout=30)
    wait_for(lambda: name not in admin.list_topics(timeout=10).topics, "the topic's end", within_s=60)


def mirror_of(cluster: Secured, user: str, listener: Listener) -> tuple[dict[str, pl.DataFrame], str | None]:
    profile = targets_profile(cluster, user, listener)
    return MirrorTopics(connect(profile), profile, 30).read()


@pytest.mark.parametrize("listener", LISTENERS)
def test_positions_of_a_mirror_are_read_with_the_right_to_read_only(
    cluster: Secured, mirrored: str, listener: Listener
) -> None:
    tables, missing = mirror_of(cluster, "admin", "mtls")
    assert tables["mirror_positions"].select("source", "topic", "position").rows() == [("old", "orders", 42)]
    assert missing is None
    assert mirror_of(cluster, "full", listener) == ({}, f"{mirrored}: {NO_READ}")


def test_read_on_the_prefix_of_its_topics_is_enough_and_no_right_on_groups_is_needed(
    cluster: Secured, mirrored: str
) -> None:
    admin = AdminClient(cluster.client_config())
    prefix = (ResourceType.TOPIC, "mm2-", ResourcePatternType.PREFIXED)
    right = (principal("no-groups"), "*", AclOperation.READ, AclPermissionType.ALLOW)
    given = AclBinding(*prefix, *right)
    admin.create_acls([given])[given].result(timeout=30)
    try:
        wait_for(lambda: mirror_of(cluster, "no-groups", "mtls")[1] is None, "the right", within_s=60)
        tables, _ = mirror_of(cluster, "no-groups", "mtls")
        assert tables["mirror_positions"]["position"].to_list() == [42]
    finally:
        chosen = AclBindingFilter(*prefix, *right)
        admin.delete_acls([chosen])[chosen].result(timeout=30)


def told(cluster: Secured, user: str) -> list[tuple[Status, str, str]]:
    """Return what the doctor says of MirrorMaker 2's topics to a user."""
    profile = Profile(clusters=(targets_profile(cluster, user, "mtls"),), admin_timeout_s=30)
    return [(c.status, c.found, c.mend) for c in check_profile(profile) if "MirrorMaker" in c.name]


def test_the_doctor_names_the_right_to_read_a_mirror_s_topics_that_is_missing(
    cluster: Secured, mirrored: str
) -> None:
    assert told(cluster, "admin") == [(Status.OK, "1 topic", "")]
    for user in ("some-topics", "no-topics"):  # not visible
        assert told(cluster, user) == []
    ((status, found, mend),) = told(cluster, "full")
    assert (status, found) == (
        Status.MISSING,
        f"{mirrored}; unknown without it: positions, and with them the lag",
    )
    command = mend.replace("HOST:PORT", cluster.scram).replace("User:NAME", principal("full"))
    command = command.replace("admin.properties", str(cluster.tool_config()))
    run_tool(cluster, command)
    try:
        wait_for(lambda: told(cluster, "full") == [(Status.OK, "1 topic", "")], "the right", within_s=60)
        assert mirror_of(cluster, "full", "mtls")[1] is None
    finally:
        run_tool(cluster, command.replace("--add", "--remove --force"))


def run_tool(cluster: Secured, command: str) -> None:
    """Run the command that the doctor names."""
    name, *arguments = shlex.split(command)
    assert name == "kafka-acls"
    words = [*jvm(cluster, heap_mb=96), "org.apache.kafka.tools.AclCommand", *arguments]
    subprocess.run(words, check=True, capture_output=True, timeout=120)


def test_settings_of_a_mirror_s_file_are_kept_where_its_topics_may_not_be_read(
    cluster: Secured, mirrored: str, tmp_path: Path
) -> None:
    file = tmp_path / "mm2.properties"
    file.write_text("clusters = old,full\nold->full.enabled = true\nold->full.topics = orders\n")
    profile = targets_profile(cluster, "full", "mtls").model_copy(update={"mirror_properties": (file,)})
    settings = MirrorSettings(profile.name, flows_of_files(profile))
    answer = targets._mirror(MirrorTopics(connect(profile), profile, 30), settings)
    assert answer.missing == f"{mirrored}: {NO_READ}"
    rows = answer.tables["connectors"].filter(connector="MirrorSourceConnector", name="topics")
    assert rows.select("peer", "value").rows() == [("old", "orders")]
    assert answer.notes[0].startswith(
        f"{profile.name}: settings of MirrorMaker's flow old → full are those of "
    )


def test_a_mirror_whose_topics_may_not_be_seen_is_unknown(cluster: Secured, mirrored: str) -> None:
    assert mirror_of(cluster, "some-topics", "scram") == ({}, NOT_ALL_VISIBLE)
    with pytest.raises(SourceError, match="the right to Describe topics is missing"):
        mirror_of(cluster, "no-topics", "scram")


def test_no_password_is_in_any_file(recorded: Capture, cluster: Secured) -> None:
    written = b"".join(path.read_bytes() for path in Path(recorded.path).rglob("*") if path.is_file())
    assert not [user for user, password in cluster.passwords.items() if password.encode() in written]


def test_a_cutover_check_compares_what_it_may_read_and_looks_at_every_broker(cluster: Secured) -> None:
    clusters = [cluster.profile("admin", "mtls"), cluster.profile("admin", "scram", name="scram")]
    pairs = pl.DataFrame({"source": "admin", "source_topic": TOPICS, "target": "scram", "topic": TOPICS})
    found = read_both_ends(
        Profile.model_validate({"clusters": clusters}), pairs, options=CutoverReads(seal_s=0.0)
    )
    checks = found.tables["record_checks"]
    assert checks.filter(cluster="admin").height == checks.filter(cluster="scram").height == 9
    shown = found.tables["certificates"]
    assert shown["problem"].to_list() == [None] * shown.height
    by_kind = shown.group_by("cluster", "kind").len().sort(pl.all()).rows()
    assert by_kind == [("admin", "broker", 2), ("admin", "client", 1), ("scram", "broker", 2)]
    assert set(shown.filter(kind="broker")["subject"]) == {
        f"CN=broker-{node.id},O=testbed" for node in cluster.nodes
    }
    assert found.tables["active_producers"].is_empty()  # the records were written without idempotence
    assert not [note for note in found.notes if "unknown, not none" in note]


def test_a_cutover_check_names_the_rights_it_lacks(cluster: Secured) -> None:
    found = both_ends(cluster, "admin", "full")
    reads = found.tables["record_reads"]
    # what the target's oldest record is cannot be known, so that the newest ones alone are looked for
    assert set(reads.filter(cluster="full")["ended"]) == {"refused"}
    assert set(reads.filter(cluster="full")["detail"]) == {STRETCH_NO_READ}
    assert found.tables["offsets_at"].filter(cluster="full").height > 0
    words = "; ".join(found.notes)
    assert f"full: {NOT_ALL_IDS}" in words
    assert "full: producers of 9 of 9 partitions unknown, not none" in words
    unseen = both_ends(cluster, "admin", "no-topics")
    assert [note for note in unseen.notes if note.startswith("no-topics: ")]
    assert unseen.tables["record_reads"].is_empty()
    source = both_ends(cluster, "full", "admin").tables["record_reads"]
    assert source.select("cluster", "ended").unique().rows() == [("full", "refused")]


def test_a_cutover_check_says_whose_authority_is_not_trusted(cluster: Secured, tmp_path: Path) -> None:
    foreign = write_pem(issue(authority("other"), "admin"), authority("other"), tmp_path, "admin")
    given = cluster.profile("admin", "scram")
    given["security"]["ca_file"] = str(foreign.ca)
    profile = ClusterProfile.model_validate(given)
    around = read_around(
        End.of(profile),
        (),
        options=CutoverReads(transactions=False),
        timeout_s=3,
        deadline=Deadline.after(10),
    )
    shown = around.tables["certificates"]
    assert set(shown["problem"]) == {
        "unknown CA"
    }  # of the bootstrap servers: the cluster itself cannot be asked
    assert shown["broker"].null_count() == 2
    assert any("bootstrap servers only" in note for note in around.notes)


# The last one: it kills a broker, which the others need.
def test_groups_whose_coordinators_move_are_read_or_said_to_be_missing(cluster: Secured) -> None:
    known: set[str] = set()
    profile = targets_profile(cluster, "full", "scram")
    answers: list[targets.Answer] = []
    with ChildProcesses(1) as children:

        def ask() -> targets.Answer | None:
            try:
                answers.append(targets._groups(children, profile, 10.0, known))
            except SourceError:  # no broker listed its groups: a gap of the recording
                return None
            return answers[-1]

        wait_for(lambda: is_whole(ask(), [1, 2]), "all groups", within_s=60)
        whole = len(answers)
        lost = processes.find(cluster.run_dir, f"{NAME}-2")
        processes.kill(lost, signal.SIGKILL)
        wait_for(lambda: is_whole(ask(), [1]), "all coordinators on broker 1", within_s=90)
        delete_group(cluster, "group-0")
        last = ask()
    for answer in answers[whole:-1]:
        assert answer.missing is not None or set(answer.tables["groups"]["group"]) >= GROUPS
    groups = pl.concat(answer.tables["groups"] for answer in answers)
    found = stats.groups_in(groups, {"full": stats.Window(groups["ts"].min(), groups["ts"].max())})
    assert set(found["group"]) == GROUPS | {QUEUE}
    assert GROUPS - set(stats.present_groups(found)["group"]) == {"group-0"}
    assert last.missing is None
    assert last.tables["groups"].filter(group="group-0")["state"].to_list() == ["DEAD"]


def is_whole(answer: targets.Answer | None, coordinators: list[int]) -> bool:
    if answer is None or answer.missing is not None:
        return False
    rows = answer.tables["groups"].filter(pl.col("group").is_in(sorted(GROUPS)))
    offsets = len(answer.tables["group_offsets"])
    return rows["coordinator"].unique().sort().to_list() == coordinators and offsets == 3 * len(GROUPS)


def delete_group(cluster: Secured, group: str) -> None:
    admin = AdminClient(cluster.client_config())
    admin.delete_consumer_groups([group], request_timeout=30)[group].result(timeout=40)


def both_ends(cluster: Secured, source: str, target: str, **options: object) -> BothEnds:
    """Read a topic of the cluster as if one user's view of it were replicated to another user's."""
    clusters = [cluster.profile(user, "mtls") for user in (source, target)]
    profile = Profile.model_validate({"clusters": clusters, "admin_timeout_s": 10})
    pairs = pl.DataFrame({"source": source, "source_topic": TOPICS, "target": target, "topic": TOPICS})
    return read_both_ends(profile, pairs, options=CutoverReads(seal_s=0.0, **options))
