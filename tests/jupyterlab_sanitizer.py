"""What JupyterLab's sanitizer leaves of HTML in a notebook that is not trusted, as far as this project uses it.

The lists are stricter than JupyterLab's (4.2 to 4.6): what stands here passes, what does not stand here may not.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = {
    *(
        "a",
        "b",
        "br",
        "caption",
        "code",
        "details",
        "div",
        "em",
        "figcaption",
        "figure",
        "i",
        "img",
        "li",
        "ol",
        "p",
    ),
    *(
        "pre",
        "small",
        "span",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ),
}
ATTRIBUTES = {
    "*": {"class", "style", "title", "lang", "dir"},
    "a": {"href", "rel"},
    "details": {"open"},
    "img": {"alt", "src", "width", "height"},
    "td": {"colspan", "rowspan", "scope"},
    "th": {"colspan", "rowspan", "scope"},
}
_NUMBER = r"-?\d*\.?\d+"
_LENGTH = rf"({_NUMBER}(px|em|rem|%)|0)"
_COLOUR = r"(#[0-9a-f]{3,6}|rgba\(\d+,\d+,\d+,0\.\d+\)|transparent)"
_LINE = rf"({_LENGTH} (solid|dashed|dotted) {_COLOUR}|0|none)"
_WORDS = {
    "text-align": "left|right|center",
    "vertical-align": "top|middle|bottom|baseline",
    "white-space": "normal|nowrap|pre|pre-wrap|pre-line",
    "overflow-wrap": "normal|break-word",
    "table-layout": "auto|fixed",
    "border-collapse": "collapse|separate",
    "display": "block|inline|inline-block|none",
    "font-weight": "normal|bold|[1-9]00",
}
STYLES = {
    **_WORDS,
    **dict.fromkeys(("margin", "padding"), rf"{_LENGTH}( {_LENGTH}){{0,3}}"),
    **dict.fromkeys(("width", "max-width", "min-width", "font-size", "border-radius"), _LENGTH),
    **dict.fromkeys(("border", "border-left", "border-right", "border-top", "border-bottom"), _LINE),
    **dict.fromkeys(("color", "background"), _COLOUR),
    "line-height": _NUMBER,
    "opacity": r"0?\.\d+|1",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.removed: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.removed.append(f"<{tag}>")
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
        self.removed += [f"{tag} {name}" for name, _ in attributes if name not in allowed]
        for rule in filter(None, (dict(attributes).get("style") or "").split(";")):
            name, _, value = rule.partition(":")
            if re.fullmatch(STYLES.get(name, "(?!)"), value) is None:
                self.removed.append(rule)


def removed(html: str) -> list[str]:
    """List the elements, attributes and styles that may not survive, in their order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.removed
