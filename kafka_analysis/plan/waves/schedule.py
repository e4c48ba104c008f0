"""When each wave is copied, cut over and watched: how long copies take, and when a cut-over may be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.units import format_quantity, format_time
from kafka_analysis.plan.waves.options import DAYS, WaveOptions

_LONGEST_S = 10 * 366 * 86400.0


_ONE_DAY = timedelta(days=1)


def next_cutover(ready: datetime, options: WaveOptions) -> datetime:
    """Return the earliest moment, not before ``ready``, at which a cut-over may begin.

    Parameters
    ----------
    ready
        From when it could be, UTC.
    options
        ``cutover_s``, ``cutover_hours``, ``cutover_days``, ``freezes``.

    Examples
    --------
    >>> from kafka_analysis.plan.waves.options import WaveOptions
    >>> options = WaveOptions(start="2026-12-18T03:00Z", cutover_hours=(22, 2),
    ...     freezes=[("2026-12-19", "2027-01-04")])
    >>> str(next_cutover(options.start, options)), str(next_cutover(options.freezes[0][0], options))
    ('2026-12-18 22:00:00+00:00', '2027-01-04 00:00:00+00:00')
    """
    length = timedelta(seconds=options.cutover_s)
    moment = ready
    while True:
        open_from = _in_hours(moment, length, options)
        frozen = [end for start, end in options.freezes if start < open_from + length and open_from < end]
        if not frozen:
            return open_from
        moment = max(frozen)


def _in_hours(ready: datetime, length: timedelta, options: WaveOptions) -> datetime:
    """Return the earliest begin within the hours and days; a window is judged by the day on which its hours begin."""
    opens, closes = options.open_hours
    allowed = {DAYS.index(day) for day in options.cutover_days}
    if closes - opens == 24 and len(allowed) == len(DAYS):
        return ready
    midnight = ready.replace(hour=0, minute=0, second=0, microsecond=0) - _ONE_DAY
    while True:
        if midnight.weekday() in allowed:
            start = max(ready, midnight + timedelta(hours=opens))
            if start + length <= _closes(midnight, opens, closes, allowed):
                return start
        midnight += _ONE_DAY


def _closes(midnight: datetime, opens: float, closes: float, allowed: set[int]) -> datetime:
    """Return when the hours that begin on a day end; those of a whole day go over into the next day's."""
    end = midnight + timedelta(hours=closes)
    if closes - opens == 24:
        for _ in DAYS:
            if (midnight := midnight + _ONE_DAY).weekday() not in allowed:
                break
            end = midnight + timedelta(hours=closes)
    return end


def backfill_s(stored_bytes: float, *, bandwidth_bytes_per_s: float, arriving_bytes_per_s: float) -> float:
    """Return how long a copy takes: what is stored ÷ (bandwidth − what arrives meanwhile).

    Parameters
    ----------
    stored_bytes
        One copy of what is stored.
    bandwidth_bytes_per_s
        What the replicator carries.
    arriving_bytes_per_s
        What producers write meanwhile; it is copied as well.

    Raises
    ------
    GoalImpossibleError
        As much arrives as can be copied, or more; or it takes more than ten years.

    Examples
    --------
    >>> backfill_s(6e12, bandwidth_bytes_per_s=80e6, arriving_bytes_per_s=20e6)
    100000.0
    """
    left = bandwidth_bytes_per_s - arriving_bytes_per_s
    if left <= 0:
        comes, goes = (format_quantity(rate, "B/s") for rate in (arriving_bytes_per_s, bandwidth_bytes_per_s))
        why = f"{comes} arrives and {goes} is copied, so the copy never finishes; give more than {comes}"
        raise GoalImpossibleError("replication_bytes_per_s", why)
    if stored_bytes > left * _LONGEST_S:
        needs = format_quantity(stored_bytes / _LONGEST_S + arriving_bytes_per_s, "B/s")
        why = f"the copy takes more than ten years; give a bandwidth of at least {needs}"
        raise GoalImpossibleError("replication_bytes_per_s", why)
    return stored_bytes / left


def copied_at(
    start: datetime,
    stored_bytes: float,
    *,
    bandwidth_bytes_per_s: float,
    arriving_bytes_per_s: float,
    mirrored: Sequence[tuple[datetime, float]],
) -> datetime:
    """Return when a copy ends that shares its bandwidth with waves that are copied and not yet cut over.

    Parameters
    ----------
    start
        When the copy begins.
    stored_bytes, bandwidth_bytes_per_s, arriving_bytes_per_s
        As of :func:`backfill_s`.
    mirrored
        For each such wave: when it is cut over, and what arrives in it until then.

    Examples
    --------
    >>> from datetime import UTC
    >>> begin = datetime(2026, 1, 1, tzinfo=UTC)
    >>> end = copied_at(begin, 300.0, bandwidth_bytes_per_s=3.0, arriving_bytes_per_s=0.0,
    ...     mirrored=[(begin + timedelta(seconds=100), 1.0)])
    >>> (end - begin).total_seconds()  # 100 s at 2 B/s, the rest at 3 B/s
    133.333333
    """
    left, moment = stored_bytes, start
    for until in sorted({end for end, _ in mirrored if end > start}):
        others = sum(flow for end, flow in mirrored if end > moment)
        speed = max(bandwidth_bytes_per_s - arriving_bytes_per_s - others, 0.0)
        copied = speed * (until - moment).total_seconds()
        if copied >= left:
            return moment + timedelta(seconds=left / speed)
        left, moment = left - copied, until
    rest = backfill_s(
        left, bandwidth_bytes_per_s=bandwidth_bytes_per_s, arriving_bytes_per_s=arriving_bytes_per_s
    )
    return moment + timedelta(seconds=rest)


class Slot(NamedTuple):
    """The times of one wave, UTC; those of the copy are None where it is unknown how long it takes."""

    replication_start: datetime
    backfill_low: datetime | None
    backfill_end: datetime | None
    backfill_high: datetime | None
    cutover_start: datetime
    cutover_end: datetime
    soak_until: datetime


class Amount(NamedTuple):
    """What a wave copies: one copy of what is stored (None: unknown), and what arrives meanwhile."""

    stored_bytes: float | None
    arriving_bytes_per_s: float


def schedule(amounts: Sequence[Amount], options: WaveOptions) -> list[Slot]:
    """Give every wave its times.

    Parameters
    ----------
    amounts
        What each wave copies, in order.
    options
        Start, bandwidth, windows and soak.

    Returns
    -------
    list of Slot
        A cut-over begins when even the slowest copy is done, the wave before has soaked, and hours, days and freezes
        allow it. The next copy begins when the cut-over before it has ended; in parallel, when the slowest copy before
        it has ended, and waves that wait for their cut-over take their share of the bandwidth.

    Raises
    ------
    InputError
        The calendar ends before the waves do.

    Examples
    --------
    >>> from kafka_analysis.plan.waves.options import WaveOptions
    >>> options = WaveOptions(start="2026-01-05", replication_bytes_per_s=2e6, bandwidth_uncertainty=0, soak_s=0)
    >>> (slot,) = schedule([Amount(7.2e9, 1e6)], options)
    >>> str(slot.backfill_end), str(slot.cutover_end)
    ('2026-01-05 02:00:00+00:00', '2026-01-05 04:00:00+00:00')
    """
    slots: list[Slot] = []
    try:
        for number, amount in enumerate(amounts):
            slots.append(_slot(amount, slots, amounts[:number], options))
    except OverflowError:
        raise InputError(
            f"wave {len(slots) + 1} ends after the year 9999 (the start is {format_time(options.start)}); "
            "give an earlier start or a shorter freeze"
        ) from None
    return slots


def _slot(amount: Amount, before: Sequence[Slot], done: Sequence[Amount], options: WaveOptions) -> Slot:
    last = before[-1] if before else None
    start = _begins(last, options)
    mirrored = [
        (slot.cutover_start, each.arriving_bytes_per_s) for slot, each in zip(before, done, strict=True)
    ]
    low, expected, high = _ends(start, amount, mirrored, options)
    ready = max(start if high is None else high, options.start if last is None else last.soak_until)
    cutover = next_cutover(_whole_minute(ready), options)
    end = cutover + timedelta(seconds=options.cutover_s)
    return Slot(start, low, expected, high, cutover, end, end + timedelta(seconds=options.soak_s))


def _begins(last: Slot | None, options: WaveOptions) -> datetime:
    if last is None:
        return options.start
    if options.replicate_in_parallel and last.backfill_high is not None:
        return last.backfill_high
    return last.cutover_end


def _ends(
    start: datetime, amount: Amount, mirrored: Sequence[tuple[datetime, float]], options: WaveOptions
) -> tuple[datetime | None, ...]:
    """Return the earliest, expected and latest end: nothing arrives; what arrives does; less bandwidth than given."""
    bandwidth_given, counted_on = options.replication_bytes_per_s, options.backfill_bytes_per_s_low
    if bandwidth_given is None or counted_on is None or amount.stored_bytes is None:
        return None, None, None
    cases = ((bandwidth_given, 0.0, ()), (bandwidth_given, amount.arriving_bytes_per_s, mirrored),
             (counted_on, amount.arriving_bytes_per_s, mirrored))  # fmt: skip
    return tuple(
        copied_at(
            start,
            amount.stored_bytes,
            bandwidth_bytes_per_s=bandwidth,
            arriving_bytes_per_s=arriving,
            mirrored=others,
        )
        for bandwidth, arriving, others in cases
    )


def _whole_minute(moment: datetime) -> datetime:
    """Return the next whole minute: cut-overs begin on a minute."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
