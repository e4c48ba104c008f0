"""Walk over counters sample by sample, compiled by Numba: what each grew by, and in which bucket of time.

The rules are those of :mod:`kafka_analysis.stats.reduce.samples`. Samples lie series after series, times rising in
each. A stretch is the time between two scrapes of a target.
"""

import numpy as np

from kafka_analysis.model.compiled import compiled


@compiled
def find_scrapes_and_resets(ts, value, starts, target, is_total):  # noqa: ANN001, ANN201
    """Mark the samples that reveal a new scrape time of their target, or that its counters were reset.

    Parameters
    ----------
    ts, value
        Times in ms and values of the samples.
    starts
        Row at which each series begins, and the number of rows.
    target, is_total
        The number of each series' target; whether the series is an aggregate.

    Returns
    -------
    tuple of arrays of bool
        The samples at a time at which the series before them, of the same target, was not seen: among them is every
        scrape of every target. And the samples of aggregates that are lower than the one before.
    """
    new, fell = np.zeros(len(ts), np.bool_), np.zeros(len(ts), np.bool_)
    like = np.full(len(target), -1, np.int64)  # of each target, the last series with a scrape not seen before
    for series in range(len(target)):
        at, end = 0, 0
        if like[target[series]] >= 0:
            at, end = starts[like[target[series]]], starts[like[target[series]] + 1]
        for row in range(starts[series], starts[series + 1]):
            while at < end and ts[at] < ts[row]:
                at += 1
            if at == end or ts[at] != ts[row]:
                new[row] = True
                like[target[series]] = series
            fell[row] = is_total[series] and row > starts[series] and value[row] < value[row - 1]
    return new, fell


@compiled
def increases_between_scrapes(ts, value, starts, target, is_total, scrapes, firsts, restarted):  # noqa: ANN001, ANN201
    """Compute what each series grew by from scrape to scrape.

    Parameters
    ----------
    ts, value, starts, target, is_total
        As for :func:`find_scrapes_and_resets`.
    scrapes, restarted
        Times at which targets were scraped, target after target; which of them found the target restarted.
    firsts
        Where each target's scrapes begin, and how many there are.

    Returns
    -------
    tuple of arrays
        ``since``, ``until``, ``amount``; ``lost``: whether there was a reset, so that growth may have been lost; and
        the row at which each series' stretches begin.
    """
    room = 2 * len(ts)
    since, until = np.empty(room, np.int64), np.empty(room, np.int64)
    amount, lost = np.empty(room), np.empty(room, np.bool_)
    begins = np.zeros(len(starts), np.int64)
    found = 0
    for series in range(len(target)):
        first, end = firsts[target[series]], firsts[target[series] + 1]
        scrape, previous = first, -1
        for row in range(starts[series], starts[series + 1]):
            while scrapes[scrape] < ts[row]:
                scrape += 1
            continues = previous >= 0 and previous == scrape - 1
            returns = previous >= 0 and not continues and value[row] >= value[row - 1]
            for n in range(previous + 1, scrape + 1 if returns else 0):
                returns = returns and not restarted[n]
            is_reset = continues and (value[row] < value[row - 1] or restarted[scrape])
            if returns:  # the stretch in which it seemed to end goes on to here
                until[found - 1], amount[found - 1] = ts[row], value[row] - value[row - 1]
                lost[found - 1] = not is_total[series]
            elif scrape > first:
                since[found], until[found], lost[found] = scrapes[scrape - 1], ts[row], is_reset
                amount[found] = value[row] - value[row - 1] if continues and not is_reset else value[row]
                found += 1
            is_last = row + 1 == starts[series + 1]
            if scrape + 1 < end and (is_last or ts[row + 1] != scrapes[scrape + 1]):  # it ends here
                since[found], until[found], lost[found] = ts[row], scrapes[scrape + 1], True
                amount[found] = 0.0
                found += 1
            previous = scrape
        begins[series + 1] = found
    return since[:found], until[:found], amount[:found], lost[:found], begins


@compiled
def share_out_to_buckets(since, until, amount, lost, begins, low, high, step):  # noqa: ANN001, ANN201
    """Distribute the increase of each interval over the buckets it overlaps, in proportion; resets count at its end.

    Parameters
    ----------
    since, until, amount, lost, begins
        Result of :func:`increases_between_scrapes`.
    low, high, step
        The window in ms, and the length of its buckets, the last of which may be shorter.

    Returns
    -------
    tuple of arrays
        A row for each series and bucket that is reached: ``series``, ``bucket``, ``amount``, ``resets``, and
        ``lost_ms``: the time in which growth may have been lost.
    """
    last = max((high - low + step - 1) // step - 1, 0)
    room = 0
    for n in range(len(since)):
        if until[n] > low and since[n] < high:
            room += 1 + _bucket(until[n] - 1 - low, step, last) - _bucket(since[n] - low, step, last)
    of, bucket, resets = np.empty(room, np.int64), np.empty(room, np.int64), np.zeros(room, np.int64)
    total, lost_ms = np.zeros(room), np.zeros(room)
    row = -1
    for series in range(len(begins) - 1):
        present = -1
        for n in range(begins[series], begins[series + 1]):
            if until[n] <= low or since[n] >= high:
                continue
            final = _bucket(until[n] - 1 - low, step, last)
            for number in range(_bucket(since[n] - low, step, last), final + 1):
                if number != present:
                    row, present = row + 1, number
                    of[row], bucket[row] = series, number
                edge = low + number * step
                ends = min(edge + step, high)
                share = (min(until[n], ends) - max(since[n], edge)) / (until[n] - since[n])
                total[row] += amount[n] * share
                if lost[n]:
                    resets[row] += until[n] <= ends
                    lost_ms[row] += (until[n] - since[n]) * share
    row += 1
    return of[:row].copy(), bucket[:row].copy(), total[:row].copy(), resets[:row].copy(), lost_ms[:row].copy()


@compiled
def _bucket(offset, step, last):  # noqa: ANN001, ANN202
    """Return the number of the bucket that holds a time; times outside belong to the first and last."""
    return 0 if offset < step else min(offset // step, last)
