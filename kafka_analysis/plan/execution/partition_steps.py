"""From one set of replicas to another, one replica at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Replicas = tuple[int, ...]
_Swap = tuple[int | None, int | None]  # the broker that goes and the one that comes


class Step(NamedTuple):
    """One change of one partition: what is written in a reassignment, and who leads before and after it.

    ``kind``: ``replica`` (a copy comes and one goes), ``add``, ``drop``, ``leader`` (another preferred leader among the
    same brokers) or ``order`` (the same leader, the followers in another order). ``elects``: after it, a preferred
    leader election is needed.
    """

    kind: str
    before: Replicas
    after: Replicas
    goes: int | None
    comes: int | None
    leader_before: int
    leader_after: int
    elects: bool


def steps_of(
    before: Sequence[int], after: Sequence[int], *, leader: int, racks: Mapping[int, str | None]
) -> list[Step]:
    """List the steps that lead from one set of replicas to another.

    Parameters
    ----------
    before, after
        Brokers, the preferred leader first, none twice.
    leader
        The broker of ``before`` that leads now.
    racks
        Rack of each broker; missing or None: unknown, and taken for a rack of its own.

    Returns
    -------
    list of Step
        In order. Where the new preferred leader already has a copy, it is elected first: that costs no bytes, takes
        load from the old leader at once, and lets the new one send the copies. Copies that are added come before those
        that only go. In between, the leader stands first, so that no election moves it, and a leader that must go goes
        last. Never are there fewer racks than at the start or at the end, whichever is poorer, of those possible; where
        copies become fewer, the leader goes earlier if that takes it.

    Examples
    --------
    >>> [(s.kind, s.after) for s in steps_of((1, 2, 3), (4, 2, 5), leader=1, racks={})]
    [('replica', (1, 2, 4)), ('replica', (4, 2, 5))]
    >>> [(s.kind, s.after, s.elects) for s in steps_of((1, 2), (2, 3), leader=1, racks={})]
    [('leader', (2, 1), True), ('replica', (2, 3), False)]
    """
    now, will = tuple(before), tuple(after)
    if now == will:
        return []
    if set(now) == set(will):
        return [_reordered(now, will, leader)]
    steps = []
    if will[0] in now and will[0] != leader:
        steps = [_reordered(now, (will[0], *(b for b in now if b != will[0])), leader)]
        now, leader = steps[0].after, will[0]
    for goes, comes in _swaps(now, will, leader, racks):
        step = _step(now, will, goes, comes, leader)
        steps.append(step)
        now, leader = step.after, step.leader_after
    return steps


def _step(now: Replicas, will: Replicas, goes: int | None, comes: int | None, leader: int) -> Step:
    """Make a step; a leader that goes hands over to the first by itself, any other must be elected."""
    left = _swapped(now, goes, comes)
    if set(left) == set(will):
        chosen, then = will[0], will
    else:
        first = will[0] if will[0] in left else left[0]
        chosen = first if goes == leader else leader
        then = (chosen, *(broker for broker in left if broker != chosen))
    elects = chosen != leader and goes != leader
    return Step(_kind(goes, comes), now, then, goes, comes, leader, chosen, elects)


def _reordered(now: Replicas, will: Replicas, leader: int) -> Step:
    kind = "leader" if will[0] != leader or will[0] != now[0] else "order"
    return Step(kind, now, will, None, None, leader, will[0], elects=will[0] != leader)


def _kind(goes: int | None, comes: int | None) -> str:
    if goes is None:
        return "add"
    return "drop" if comes is None else "replica"


def _swapped(now: Replicas, goes: int | None, comes: int | None) -> list[int]:
    """Put the one that comes in the place of the one that goes."""
    if goes is None:
        return [*now, *([] if comes is None else [comes])]
    return [comes if broker == goes else broker for broker in now if broker != goes or comes is not None]  # type: ignore[misc]


def _swaps(now: Replicas, will: Replicas, leader: int, racks: Mapping[int, str | None]) -> list[_Swap]:
    """Order the swaps: a leader that must go goes last, unless copies would then share racks that need not."""
    home = {b: racks.get(b) or f"of broker {b} alone" for b in (*now, *will)}
    late = _ordered(now, will, leader, home)
    if leader in will or len(will) >= len(now):
        return late
    racks_known = len({rack for rack in racks.values() if rack})
    allowed = max(_shortfall(now, home, racks_known), _shortfall(will, home, racks_known))
    worst, at = 0, now
    for goes, comes in late:
        at = tuple(_swapped(at, goes, comes))
        worst = max(worst, _shortfall(at, home, racks_known))
    return late if worst <= allowed else _ordered(now, will, None, home)


def _shortfall(replicas: Replicas, home: Mapping[int, str], racks_known: int) -> int:
    """Count the racks that are missing to as many as there could be."""
    return max(min(len(replicas), racks_known) - len({home[broker] for broker in replicas}), 0)


def _ordered(now: Replicas, will: Replicas, leader: int | None, home: Mapping[int, str]) -> list[_Swap]:
    """Pair those that go with those that come, in an order that keeps to the racks.

    Pairs within a rack change nothing and come at any time. Of the others, those that come bring new racks first, and
    those that go leave racks that stay first, so that in between there are as many racks as on the poorer side.
    """
    goes = sorted((b for b in now if b not in will), key=lambda b: b != leader)
    comes = [b for b in will if b not in now]
    pairs: list[_Swap] = []
    for broker in goes:
        same = next((c for c in comes if home[c] == home[broker]), None)
        if same is not None:
            comes.remove(same)
            pairs.append((broker, same))
    paired = {broker for broker, _ in pairs}
    staying = {home[b] for b in now if b in will or b in paired}
    gone = _least_missed([b for b in goes if b not in paired], home, staying, leader)
    come = _most_welcome(comes, home, staying)
    extra = len(come) - len(gone)
    others = zip([None] * extra + gone, come + [None] * -extra, strict=True)
    return sorted((*pairs, *others), key=lambda swap: swap[0] is not None and swap[0] == leader)


def _least_missed(
    goes: list[int], home: Mapping[int, str], staying: set[str], leader: int | None
) -> list[int | None]:
    """Order those that go: first those whose rack keeps a copy, last the leader."""
    left = Counter(home[b] for b in goes)
    missed = {}
    for broker in sorted(goes, key=lambda b: b == leader):
        left[home[broker]] -= 1
        missed[broker] = home[broker] not in staying and not left[home[broker]]
    return sorted(goes, key=lambda b: (b == leader, missed[b]))


def _most_welcome(comes: list[int], home: Mapping[int, str], staying: set[str]) -> list[int | None]:
    """Order those that come: first one of each new rack."""
    first: list[int | None] = []
    later: list[int | None] = []
    seen = set(staying)
    for broker in comes:
        (later if home[broker] in seen else first).append(broker)
        seen.add(home[broker])
    return first + later
