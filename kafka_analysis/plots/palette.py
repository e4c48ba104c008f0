"""The colours of all figures, each with one meaning: told apart with any colour vision, and seen on white.

The hues are Okabe and Ito's (Color Universal Design, 2008), deepened until lines and bars of them stand out from white.
"""

from collections.abc import Sequence

from matplotlib.colors import to_hex, to_rgb

ORANGE, SKY, GREEN, YELLOW = "#C48A00", "#2598F2", "#10855C", "#F0E442"
BLUE, VERMILLION, PURPLE, GREY = "#0A4DB4", "#B03800", "#8F597F", "#8E9599"
INK, SLATE, FAINT = "#1f2933", "#36414B", "#dfe4ea"

BEFORE, AFTER = ORANGE, BLUE
KINDS = {"business": GREEN, "migration": PURPLE, "internal": SLATE}
LIGHTS = {"green": GREEN, "amber": ORANGE, "red": VERMILLION}
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
MANY_LINES = (*LINES, *((GREY, style) for _, style in LINES))  # grey is what has no colour of its own
CYCLE = (SKY, VERMILLION, ORANGE, GREEN, PURPLE, BLUE, SLATE, YELLOW)
LEAST_CONTRAST = 3.0  # against white, for whatever is not text: WCAG 2.1, success criterion 1.4.11


def colours_of(names: Sequence[str | None]) -> dict[str | None, str]:
    """Give every name a colour of its own, the same for the same set of names; unknown ones are grey.

    Of more than eight names the first eight have a colour, and the others are grey: two never share a colour.

    Examples
    --------
    >>> colours_of(["az2", "az1", "az2"])
    {'az1': '#2598F2', 'az2': '#B03800'}
    """
    distinct = list(dict.fromkeys(name for name in names if name is not None))
    chosen = zip(sorted(distinct[: len(CYCLE)]), CYCLE, strict=False)
    return dict(chosen) | dict.fromkeys([*distinct[len(CYCLE) :], *([None] if None in names else [])], GREY)


def contrast(colour: str) -> float:
    """Return the contrast of a colour with white, as WCAG 2 defines it: 1 is none, 21 is that of black.

    Examples
    --------
    >>> contrast("#000000"), contrast("#ffffff")
    (21.0, 1.0)
    """
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)
    )
    return round(1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05), 2)


def edge_of(colour: str, *, otherwise: str = "none") -> str:
    """Return the colour of the edge of an area: ink where the area is too pale to be seen on white.

    Parameters
    ----------
    colour
        Of the area.
    otherwise
        Colour of the edge of an area that is dark enough.

    Examples
    --------
    >>> edge_of(YELLOW) == INK, edge_of(BLUE)
    (True, 'none')
    """
    return INK if contrast(colour) < LEAST_CONTRAST else otherwise


def darker(colour: str) -> str:
    """Darken a colour, so that thin lines and small marks of it are seen on white.

    Examples
    --------
    >>> darker("#ff0080"), contrast(darker("#ffff00")) >= LEAST_CONTRAST
    ('#cc0066', True)
    """
    dark = to_hex(tuple(0.8 * part for part in to_rgb(colour)))
    return dark if contrast(dark) >= LEAST_CONTRAST else darker(dark)


def tint(colour: str, share: float) -> str:
    """Mix a share of a colour with white, so that dark text is read on it.

    Examples
    --------
    >>> tint("#000000", 0.2)
    '#cccccc'
    """
    return to_hex(tuple(share * part + (1 - share) for part in to_rgb(colour)))
