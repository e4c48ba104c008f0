from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.simulate.community import Community, draw_community
from kafka_analysis.simulate.plan import Plan, plan_of

LARGE = {"brokers": 3, "partitions": 600, "topics": 600, "groups": 160, "teams": 20, "neighbourhoods": 5}


def drawn(**options) -> tuple[Plan, Community]:
    plan = plan_of({**LARGE, **options})
    return plan, draw_community(plan)


def near(community: Community) -> float:
    """Return the share of reads by a group that is a neighbour of the topic's team."""
    place = community.neighbourhood
    same = [place[community.topic_team[t]] == place[community.group_team[g]] for t, g in community.reads]
    return sum(same) / len(same)


@pytest.mark.parametrize(("stray", "least", "most"), [(0.0, 1.0, 1.0), (0.5, 0.6, 0.9)])
def test_clients_read_near_home_but_for_strays(stray, least, most):
    _, community = drawn(stray_share=stray)
    assert least <= near(community) <= most


def test_wide_groups_read_throughout_the_cluster():
    plan, community = drawn(wide_groups=2, wide_share=0.5)
    of = Counter(g for _, g in community.reads)
    assert community.wide == (158, 159)
    assert all(of[g] == pytest.approx(plan.topics / 2, rel=0.15) for g in community.wide)
    assert max(count for g, count in of.items() if g not in community.wide) < plan.topics / 10


def test_most_topics_are_written_by_an_application_that_reads_another():
    plan, community = drawn()
    groups = {name: g for g, name in enumerate(plan.group_names)}
    hopped = [w for w in community.writes if w.client in groups]
    readers = {g for _, g in community.reads}
    assert {groups[w.client] for w in hopped} <= readers
    assert 1 / 2 < len(hopped) / plan.topics < 1  # chains of 3 to 5 begin once each
    teams = [
        (w.client.partition(".")[0], plan.topic_names[w.topic].partition(".")[0]) for w in community.writes
    ]
    assert all(client == topic for client, topic in teams)


@given(
    topics=st.integers(1, 40),
    groups=st.integers(0, 20),
    teams=st.integers(1, 12),
    neighbourhoods=st.integers(1, 12),
    wide=st.integers(0, 3),
    seed=st.integers(0, 30),
)
def test_every_topic_is_written_whole_and_every_group_reads(
    topics, groups, teams, neighbourhoods, wide, seed
):
    teams = min(teams, topics)
    sizes = {"brokers": 1, "partitions": topics, "replication_factor": 1, "topics": topics, "groups": groups}
    near_by = {"teams": teams, "neighbourhoods": min(neighbourhoods, teams)}
    plan = plan_of({**sizes, **near_by, "wide_groups": wide if groups > wide else 0, "seed": seed})
    community = draw_community(plan)
    shares = Counter()
    for written in community.writes:
        shares[written.topic] += written.share
    assert {t: round(share, 9) for t, share in shares.items()} == dict.fromkeys(range(topics), 1.0)
    assert len({(w.client, w.topic) for w in community.writes}) == len(community.writes)
    assert {g for _, g in community.reads} == set(range(groups))
    assert {t for t, _ in community.reads} <= set(range(topics))
    assert len(community.criticality) == teams
