"""HTML that JupyterLab shows unchanged, trusted or not: tables and inline styles, no style element, no flex, no grid.

Colours are either translucent greys, which suit a light and a dark theme, or set together with the text on them.
"""

from collections.abc import Iterable

from markupsafe import Markup, escape

LINE = "1px solid rgba(127,137,150,0.4)"
AS_WRITTEN = "mathjax_ignore tex2jax_ignore"  # the classes by which MathJax leaves names like `a$b$c` alone
_VOID = ("img", "br", "hr")
_ROW = "background:transparent"  # JupyterLab stripes the rows of tables
_NAME = (
    "padding:2px 14px 2px 0;text-align:left;vertical-align:top;font-weight:400;opacity:0.8;white-space:nowrap"
)
_VALUE = "padding:2px 0;text-align:left;vertical-align:top;overflow-wrap:break-word"


def element(tag: str, *children: str, css: str = "", style: str = "", **attributes: str) -> Markup:
    """Return an HTML element; children that are plain text are escaped.

    Parameters
    ----------
    tag
        Its name.
    *children
        Text, or elements made by this function.
    css, style
        Values of its attributes ``class`` and ``style``; an empty one is left out.
    **attributes
        Any others.

    Examples
    --------
    >>> str(element("p", "a < b", element("b", "c"), css="note"))
    '<p class="note">a &lt; b<b>c</b></p>'
    """
    given = {"class": css, "style": style, **attributes}
    written = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
    opening = Markup(f"<{tag}{written}>")  # noqa: S704 - values are escaped above
    closing = Markup() if tag in _VOID else Markup(f"</{tag}>")  # noqa: S704 - a name of ours
    return Markup().join([opening, *children, closing])


def block(*children: str, css: str = "") -> Markup:
    """Return what an output shows as a whole: no text in it is read as a formula."""
    return element("div", *children, css=f"ka-block {css} {AS_WRITTEN}", style="max-width:68em")


def card(*children: str, css: str, accent: str = "") -> Markup:
    """Return a framed box, with a broad edge in the colour ``accent`` if there is one."""
    edge = f";border-left:6px solid {accent}" if accent else ""
    style = f"border:{LINE}{edge};border-radius:8px;padding:12px 16px;margin:0 0 14px"
    return element("div", *children, css=css, style=style)


def facts_table(facts: Iterable[tuple[str, str]], *, title: str = "") -> Markup:
    """Return names and values as a table of two columns.

    Examples
    --------
    >>> str(facts_table([("kind", "a<b")])).count("a&lt;b")
    1
    """
    rows = (
        element(
            "tr",
            element("th", name, style=_NAME, scope="row"),
            element("td", value, style=_VALUE),
            style=_ROW,
        )
        for name, value in facts
    )
    heading = element("caption", title, style="text-align:left;font-weight:600") if title else ""
    return element(
        "table", heading, element("tbody", *rows), css="ka-facts", style="margin:0;font-size:0.93em"
    )
