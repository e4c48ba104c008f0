"""Commands that mend a target, given to Kafka's own tools: the ends are equal after them, and differ after the undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.protocol.admin import AlterClientQuotasRequest

from kafka_analysis import plan, stats
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import empty_table
from kafka_analysis.sources.kafka import access, metadata
from kafka_analysis.sources.kafka.log_dirs import admin_client
from testbed import pair, processes, running
from testbed.admin import TIMEOUT_S, Admin
from testbed.checklists import Desk, Ran, write_client, write_scripts
from testbed.clusters import Cluster, State
from testbed.scenario import Scenario
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(300)]
MOVED = ("orders.eu", "payments", "only-at.source")
DECOY = "orders-eu"  # as a pattern the first is also this one
RIGHTS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}
STRANGE = "User:CN=\u00fcml\u00e4ut [x] $y$ `id` 'q' \"d\",O=billing"
USER = "bob's [$HOME] -x"
ALLOW, DENY = AclPermissionType.ALLOW, AclPermissionType.DENY
LITERAL, PREFIXED = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
ENTRIES = (
    (ResourceType.TOPIC, "orders.eu", LITERAL, STRANGE, "*", AclOperation.WRITE, ALLOW),
    (ResourceType.TOPIC, "pay", PREFIXED, "User:app", "10.0.0.1", AclOperation.DESCRIBE_CONFIGS, ALLOW),
    (ResourceType.GROUP, "--it's a $(group)", LITERAL, "User:app", "*", AclOperation.READ, DENY),
    (ResourceType.TRANSACTIONAL_ID, "-tx", PREFIXED, STRANGE, "*", AclOperation.ALL, ALLOW),
    (ResourceType.BROKER, "kafka-cluster", LITERAL, "User:app", "*", AclOperation.IDEMPOTENT_WRITE, ALLOW),
)
EXTRA = (ResourceType.TOPIC, "*", LITERAL, "User:app", "*", AclOperation.READ, DENY)
# User, client id and address; an empty text is the default of its kind.
QUOTAS = {
    ("\u00fc'[$]", "", None): ("request_percentage", 12.5),
    ("", None, None): ("consumer_byte_rate", 5e9),
    (None, "<default>", None): ("producer_byte_rate", 7e9),
    (None, None, ""): ("connection_creation_rate", 9e6),
}


def scenario() -> Scenario:
    """Return the pair of clusters, both with an authorizer."""
    given = pair.scenario(topics=MOVED)
    clusters = tuple(
        spec.model_copy(update={"settings": {**spec.settings, **RIGHTS}}) for spec in given.clusters
    )
    return given.model_copy(update={"clusters": clusters})


def profile(cluster: Cluster) -> ClusterProfile:
    return ClusterProfile.model_validate({"name": cluster.name, "bootstrap_servers": cluster.bootstrap})


def read(cluster: Cluster) -> dict[str, pl.DataFrame]:
    """Return the tables of one end, as a recording reads them."""
    admin, name = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0}), cluster.name
    nodes = metadata.describe_cluster(admin, timeout_s=TIMEOUT_S).nodes
    tables, _ = metadata.read_topics(admin, cluster=name, timeout_s=TIMEOUT_S)
    tables["brokers"] = metadata.brokers_table(nodes, cluster=name, controller=None)
    tables["topic_configs"], _ = metadata.read_topic_configs(admin, cluster=name, timeout_s=TIMEOUT_S)
    tables["broker_configs"], _ = metadata.read_broker_configs(admin, cluster=name, timeout_s=TIMEOUT_S)
    with admin_client(profile(cluster), timeout_s=TIMEOUT_S) as client:
        for table, ask in (
            ("acls", access.read_acls),
            ("quotas", access.read_quotas),
            ("users", access.read_users),
        ):
            found, missing = ask(client, cluster=name)
            assert found is not None
            assert missing is None
            tables[table] = found
    return tables


@dataclass(frozen=True)
class Trial:
    """Two ends that differ in everything a command can mend."""

    state: State
    desk: Desk

    @property
    def target(self) -> Cluster:
        return self.state.targets[0]

    def parity(self) -> stats.Parity:
        ends = [read(self.state.source), read(self.target)]
        tables = {
            name: pl.concat([end[name] for end in ends]) for name in stats.PARITY_TABLES if name in ends[0]
        }
        tables["schemas"] = empty_table("schemas")
        clusters = (self.state.source.name, self.target.name)
        pairs = pl.DataFrame(
            {"source": clusters[0], "source_topic": MOVED, "target": clusters[1], "topic": MOVED}
        )
        known = {(cluster, table) for cluster in clusters for table in tables}
        return stats.measure_parity(
            pairs, tables, known=known, flavours=dict.fromkeys(clusters, "self-managed")
        )

    def run(self, commands: pl.Series) -> list[Ran]:
        """Run commands as they stand, two at a time, and expect that each does its work."""
        ran = self.desk.all(commands.drop_nulls())
        assert {command: done for command, done in ran.items() if done.code} == {}
        return list(ran.values())


def plant(state: State) -> None:
    """Make the two ends differ."""
    source, target = (
        AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        for cluster in (state.source, state.targets[0])
    )
    cell = Admin(state.targets[0].bootstrap)
    cell.create("orders.eu", [[1]], {"retention.ms": "1000"})  # one partition less
    cell.create("payments", [[1]] * pair.PARTITIONS, {})
    for cluster in (state.source, state.targets[0]):
        Admin(cluster.bootstrap).create(DECOY, [[1]], {})
    wanted = {
        (ConfigResource.Type.TOPIC, "orders.eu"): {"cleanup.policy": "compact,delete"},
        (ConfigResource.Type.BROKER, "1"): {"message.max.bytes": "2000000"},
    }
    for (kind, name), settings in wanted.items():
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in settings.items()
        ]
        resource = ConfigResource(kind, name, incremental_configs=entries)
        source.incremental_alter_configs([resource])[resource].result(timeout=TIMEOUT_S)
    for admin, entries in ((source, ENTRIES), (target, (EXTRA,))):
        for future in admin.create_acls([AclBinding(*entry) for entry in entries]).values():
            future.result(timeout=TIMEOUT_S)
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    upsertion = UserScramCredentialUpsertion(USER, info, b"unknown to the target")
    for future in source.alter_user_scram_credentials([upsertion]).values():
        future.result(timeout=TIMEOUT_S)
    set_quotas(state.source)


def set_quotas(cluster: Cluster) -> None:
    entry = AlterClientQuotasRequest.EntryData
    entries = [
        entry(
            entity=[
                entry.EntityData(entity_type=kind, entity_name=name or None)
                for kind, name in zip(("user", "client-id", "ip"), names, strict=True)
                if name is not None
            ],
            ops=[entry.OpData(key=key, value=value, remove=False)],
        )
        for names, (key, value) in QUOTAS.items()
    ]
    with admin_client(profile(cluster), timeout_s=TIMEOUT_S) as client:
        manager = client._manager
        answer = manager.run(manager.send, AlterClientQuotasRequest(entries=entries, validate_only=False))
    assert not any(done.error_code for done in answer.entries)


@pytest.fixture(scope="module")
def trial(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("mends")
    state = running.up(scenario(), run_dir=folder / "run", say=lambda _: None)
    with running.taken_down_on_failure(state.run_dir):
        plant(state)
        write_scripts(state, folder / "bin")
        yield Trial(state, Desk(folder, folder / "bin", variables(state, folder)))
    running.down(state.run_dir, keep=False)
    assert processes.running(state.run_dir) == []


def variables(state: State, folder: Path) -> dict[str, str]:
    password = folder / "password.properties"
    password.touch(mode=0o600)
    password.write_text("SCRAM-SHA-512=password=of-the-target\n", encoding="utf-8")
    client = write_client(folder / "client.properties")
    return {
        "CELL_NEW": state.targets[0].bootstrap,
        "CELL_NEW_CLIENT": client,
        "PASSWORD_FILE": str(password),
    }


def shape(parity: stats.Parity) -> list[tuple[str, ...]]:
    return parity.differences.select("what", "name", "at_source", "at_target").rows()


def test_mends_make_the_ends_equal_and_their_undo_makes_them_differ_again(trial: Trial) -> None:
    before = trial.parity()
    assert before.differences.group_by("what").len().sort("what").rows() == [
        ("access control entry", len(ENTRIES) + 1),
        ("broker configuration", 1),
        ("configuration", 4),  # two are the limit that topics have from their brokers
        ("quota", len(QUOTAS)),
        ("topic", 2),
        ("user", 1),
    ]
    mends = plan.parity_mends(before.differences)
    assert mends["is_command"].to_list() == [True] * len(mends)
    trial.run(mends["mend"])
    wait_for(lambda: trial.parity().differences.is_empty(), "equal ends", within_s=20)
    assert (
        sum(topic == DECOY for topic, _ in Admin(trial.target.bootstrap).replicas()) == 1
    )  # nobody asked for more
    after = trial.parity()
    assert after.compared.filter(pl.col("compared") != pl.col("equal")).is_empty()
    undone = mends.drop_nulls("undo")
    assert mends.filter(pl.col("undo").is_null()).select("what", "name").rows() == [("topic", "partitions")]
    trial.run(undone["undo"])
    lost = [row for row in shape(before) if row[:2] != ("topic", "partitions")]
    wait_for(lambda: shape(trial.parity()) == lost, "ends that differ as before", within_s=20)
