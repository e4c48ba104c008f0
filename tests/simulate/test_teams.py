from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.simulate.plan import plan_of
from kafka_analysis.simulate.teams import GROUPS, TOPICS, draw_teams, owned_names


@given(teams=st.integers(1, 30), count=st.integers(0, 100), seed=st.integers(0, 50))
def test_every_team_has_one_as_long_as_there_are_enough(teams, count, seed):
    drawn = draw_teams(seed, TOPICS, teams=teams, count=count)
    assert len(drawn) == count
    assert len(set(drawn.tolist())) == min(teams, count)


def test_topics_and_groups_are_drawn_apart_and_the_same_each_time():
    topics, again, groups = (
        draw_teams(1, what, teams=9, count=50).tolist() for what in (TOPICS, TOPICS, GROUPS)
    )
    assert topics == again
    assert topics != groups


def test_names_say_whose_things_are_and_are_unique():
    names = owned_names("topic", 1, TOPICS, teams=12, count=40)
    drawn = draw_teams(1, TOPICS, teams=12, count=40)
    assert [name.partition(".")[0] for name in names] == [f"team-{team + 1:02d}" for team in drawn]
    assert len(set(names)) == 40


def test_names_of_a_plan_stay_plain_without_teams():
    plan = plan_of({"brokers": 3, "partitions": 12})
    assert plan.topic_names[0] == "topic-01"
    assert plan.group_names[0] == "group-1"
    owned = plan_of({"brokers": 3, "partitions": 12, "teams": 3})
    assert {name.partition(".")[0] for name in owned.topic_names} == {"team-1", "team-2", "team-3"}
    assert np.all([".group-" in name for name in owned.group_names])
