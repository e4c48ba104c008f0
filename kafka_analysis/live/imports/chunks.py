"""Cut a stretch of history into questions whose answers stay small."""

from dataclasses import dataclass

MOST_POINTS = 10_000  # Prometheus refuses more than 11,000 steps
MOST_SAMPLES = 100_000  # some 3 MB of JSON
FIRST_MS = 600_000
SHORTEST_MS = 1_000


@dataclass
class ChunkLength:
    """How long the next stretch may be, in milliseconds; it learns from the answers.

    ``series`` is how many series an answer has, ``step_ms`` the interval that is expected: every length is a
    multiple of it. The first stretch is short, because series may be denser than expected.
    """

    series: int
    step_ms: int
    spacing_ms: int | None = None
    most_ms: int | None = None

    def next_ms(self) -> int:
        """Return the length of the next stretch.

        Examples
        --------
        >>> length = ChunkLength(series=20, step_ms=60_000)
        >>> length.next_ms() / 60_000
        10.0
        >>> length.learn(600_000, points=10)
        >>> length.next_ms() / 60_000
        5000.0
        """
        spacing = self.spacing_ms or self.step_ms
        points = min(MOST_POINTS, MOST_SAMPLES // max(self.series, 1))
        lengths = [points * spacing, *([FIRST_MS] if self.spacing_ms is None else [])]
        lengths += [] if self.most_ms is None else [self.most_ms]
        return max(min(lengths) // self.step_ms, 1) * self.step_ms

    def learn(self, asked_ms: int, *, points: int) -> None:
        """Note how many samples the fullest series had in a stretch: denser ones make shorter stretches."""
        before = self.spacing_ms or self.step_ms
        self.spacing_ms = min(before, max(asked_ms // points, SHORTEST_MS)) if points else before

    def halve(self, asked_ms: int) -> bool:
        """Ask for half as much from now on; return whether that is still a stretch to ask for.

        Examples
        --------
        >>> length = ChunkLength(series=1, step_ms=60_000)
        >>> length.halve(600_000), length.next_ms(), length.halve(60_000)
        (True, 300000, False)
        """
        self.most_ms = asked_ms // 2
        return self.most_ms >= self.step_ms
