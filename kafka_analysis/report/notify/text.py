"""The same as lines for people: a subject, then the answers that matter."""

from collections.abc import Iterator
from itertools import accumulate, islice

from kafka_analysis.model.findings import Light
from kafka_analysis.model.units import format_time
from kafka_analysis.report.notify.digest import Digest, DigestAnswer

MOST_ANSWERS, MOST_LETTERS = 20, 12_000
_WORDS = {"failed": "! failed", "none": "– no verdict"}


def subject_of(digest: Digest) -> str:
    """Return one line: how many answers there are of each kind, and whether anything is new."""
    counts = [f"{digest.counts[state]} {_word(state)[2:]}" for state in digest.counts if digest.counts[state]]
    news = "something changed" if digest.changed else "nothing changed"
    made_up = " (synthetic)" if digest.synthetic else ""
    return f"kafka_analysis: {', '.join(counts) or 'no answers'}; {news}{made_up}"


def text_of(digest: Digest) -> str:
    """Return subject, run and at most 20 answers, news first and the worst of them first."""
    name = digest.capture_name or digest.capture_id
    head = f"Run {digest.run_id} of capture {name}, {format_time(digest.made_at)}"
    blocks = ["\n".join(_lines(answer)) for answer in sorted(digest.answers, key=lambda one: not one.is_news)]
    lengths = accumulate(len(block) + 1 for block in blocks)
    shown = sum(length <= MOST_LETTERS for length in islice(lengths, MOST_ANSWERS))
    more = len(blocks) - shown + digest.left_out
    rest = [f"… and {more} more in the report"] if more else []
    return "\n".join([subject_of(digest), head, "", *blocks[:shown], *rest])


def _lines(answer: DigestAnswer) -> Iterator[str]:
    about = " · ".join(filter(None, [_word(answer.state), answer.cluster, answer.title or answer.notebook]))
    was = answer.state_before
    before = f" (was: {_word(was)[2:]})" if was and was != answer.state else ""
    yield f"{about}{before}: {answer.sentence}"
    yield from (f"    + new: {title}" for title in answer.appeared)
    yield from (f"    − gone: {title}" for title in answer.vanished)
    if answer.action:
        yield f"    Do: {answer.action}"


def _word(state: str) -> str:
    return _WORDS[state] if state in _WORDS else f"{Light(state).symbol} {Light(state).word}"
