from __future__ import annotations

from types import SimpleNamespace

import pytest

from kafka_analysis.live import targets
from kafka_analysis.live.children import ChildProcesses
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile

CLUSTER = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1")


def test_a_cluster_is_asked_in_its_rhythms():
    with ChildProcesses(1) as children:
        found = targets.metadata_targets(CLUSTER, None, children=children, timeout_s=1)
    assert [(t.kind, t.cadence) for t in found] == [
        ("offsets", "interval"),
        ("leaders", "minute"),
        ("groups", "minute"),
        ("metadata", "ends"),
        ("log dirs", "ends"),
    ]


def test_without_the_right_to_describe_sizes_are_unknown_and_not_none(monkeypatch):
    monkeypatch.setattr(
        targets.kafka_metadata, "describe_cluster", lambda admin, timeout_s: ("id", (), False)
    )
    with pytest.raises(SourceError, match="no right to describe the cluster"):
        targets._log_dirs(None, CLUSTER, 1)


def test_a_quorum_that_cannot_be_asked_leaves_the_controller_unknown(monkeypatch):
    def fail(cluster, timeout_s):
        message = "no"
        raise SourceError(message)

    monkeypatch.setattr(targets.kafka_log_dirs, "admin_client", fail)
    assert targets._controller(CLUSTER, 1) is None


def test_groups_are_asked_in_another_process():
    asked = []
    children = SimpleNamespace(ask=lambda timeout_s, function, *args: asked.append((function, args)) or {})
    targets._groups(children, CLUSTER, 2)
    function, (profile, timeout_s) = asked[0]
    assert function is targets.groups_of
    assert (ClusterProfile.model_validate_json(profile), timeout_s) == (CLUSTER, 2)
