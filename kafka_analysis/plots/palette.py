"""The colours of all figures: Okabe and Ito's, told apart with any colour vision, each with one meaning.

Source: Okabe and Ito, Color Universal Design, 2008.
"""

from collections.abc import Sequence

from matplotlib.colors import to_hex, to_rgb

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#9AA5B1"
INK, SLATE, FAINT = "#1f2933", "#4a5560", "#dfe4ea"

BEFORE, AFTER = ORANGE, BLUE
KINDS = {"business": GREEN, "migration": PURPLE, "internal": SLATE}
GAP = VERMILLION
CAUSES = {
    "new_broker": YELLOW,
    "racks": VERMILLION,
    "replicas": SKY,
    "leaders": ORANGE,
    "hot_topics": GREEN,
    "hot_keys": PURPLE,
    "mixture": SLATE,
}
LINES = (
    (BLUE, "-"),
    (ORANGE, "--"),
    (GREEN, "-."),
    (PURPLE, ":"),
    (SKY, (0, (6, 1, 1, 1))),
    (VERMILLION, (0, (1, 1))),
)
_CYCLE = (SKY, VERMILLION, YELLOW, GREEN, PURPLE, ORANGE, BLUE, GREY)


def colours_of(names: Sequence[str | None]) -> dict[str | None, str]:
    """Give every name a colour, the same for the same set of names; unknown ones are grey.

    Examples
    --------
    >>> colours_of(["az2", "az1", "az2"])
    {'az1': '#56B4E9', 'az2': '#D55E00'}
    """
    distinct = sorted({name for name in names if name is not None})
    chosen: dict[str | None, str] = {name: _CYCLE[i % len(_CYCLE)] for i, name in enumerate(distinct)}
    return chosen | ({None: GREY} if None in names else {})


def darker(colour: str) -> str:
    """Darken a colour, so that thin lines and small marks of it are seen on white.

    Examples
    --------
    >>> darker("#ffffff")
    '#cccccc'
    """
    return to_hex(tuple(0.8 * part for part in to_rgb(colour)))


def tint(colour: str, share: float) -> str:
    """Mix a share of a colour with white, so that dark text is read on it.

    Examples
    --------
    >>> tint("#000000", 0.2)
    '#cccccc'
    """
    return to_hex(tuple(share * part + (1 - share) for part in to_rgb(colour)))
