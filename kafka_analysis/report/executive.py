"""The executive summary's first screen: the state, three figures, what to do, risks, what is not known, cost."""

from collections.abc import Sequence

from markupsafe import Markup

from kafka_analysis.model.changes import LEAST_CHANGE
from kafka_analysis.model.executive import Action, Executive, KeyFigure
from kafka_analysis.model.findings import Light
from kafka_analysis.model.markup import LINE, block, card, element
from kafka_analysis.model.units import counted, format_quantity, shortened
from kafka_analysis.report.blocks import Block
from kafka_analysis.report.executive_lines import (
    HEAD,
    SMALL,
    SOFT,
    action_line,
    changed_line,
    cost_line,
    part,
    risk_line,
    tile,
    unknown_line,
)

MOST_ACTIONS = 5
_MOST_LINES, _MOST_CHANGES = 3, 3
_SENTENCE = "font-size:1.2em;line-height:1.35;font-weight:600;overflow-wrap:break-word"
_LEFT = "width:60%;padding:0 18px 0 0;text-align:left;vertical-align:top"
_RIGHT = f"padding:0 0 0 18px;border-left:{LINE};text-align:left;vertical-align:top"
_NO_COST = "Not known: neither 40_cluster_split nor 45_msk_sizing gives it."


def executive_first_screen(page: Executive, *, actions: int = MOST_ACTIONS) -> Block:
    """Show the whole summary on one screen: what does not fit is counted, and listed in full further down.

    Parameters
    ----------
    page
        ``page`` of ``analyses.executive_summary``.
    actions
        How many actions are shown.

    Returns
    -------
    Block
        Each figure and line links to the page of its notebook; in JupyterLab to the notebook.

    Examples
    --------
    >>> executive_first_screen(Executive(light=Light.GREY, sentence="Nothing is known."))
    ? not enough data: Nothing is known.
    """
    top = card(
        element("div", page.light.chip(), " ", element("span", _answered(page), style=SOFT), css="ka-state"),
        element("div", page.sentence, css="ka-sentence", style=_SENTENCE),
        _tiles(page.figures),
        css=f"ka-verdict ka-{page.light}",
        accent=page.light.colour,
    )
    left = element("td", _actions(page.actions, actions), css="ka-left", style=_LEFT)
    right = element("td", *_rest(page), css="ka-right", style=_RIGHT)
    halves = element(
        "table",
        element("tbody", element("tr", left, right, style="background:transparent")),
        css="ka-halves",
        style="width:100%;margin:0;font-size:1em",
    )
    return Block(html=block(top, halves, css="ka-executive ka-first-screen"), plain=_plain(page, actions))


def executive_basis(page: Executive) -> Block:
    """Show what the executive summary rests on: how many notebooks answered, how many answers could be judged.

    Examples
    --------
    >>> executive_basis(Executive(light=Light.GREEN, sentence="All is good.", asked=2, answered=2, answers=3, judged=3))
    Data quality: 2 of 2 notebooks answered
      3 of 3 answers have a verdict; the others lack data
    """
    is_whole = page.asked > 0 and page.answered == page.asked and page.judged == page.answers
    light = Light.GREEN if is_whole else Light.GREY
    status = f"{page.answered} of {counted(page.asked, 'notebook')} answered"
    lines = [
        f"{page.judged} of {counted(page.answers, 'answer')} have a verdict; the others lack data",
        *page.notes,
    ]
    box = card(
        element("div", element("strong", "Data quality"), " ", light.chip(status)),
        element("ul", *(element("li", line) for line in lines), style="margin:6px 0 0"),
        css=f"ka-box ka-{light}",
    )
    return Block(
        html=block(box, css="ka-data-quality"), plain="\n  ".join([f"Data quality: {status}", *lines])
    )


def _rest(page: Executive) -> list[Markup]:
    changed = f"No light changed, and no figure by {format_quantity(LEAST_CHANGE, '%')} or more."
    return [
        part(
            "Risks",
            map(risk_line, page.risks_in_short),
            most=_MOST_LINES,
            nothing="Every red or amber finding has an action.",
        ),
        part(
            "Not known, and how to find out",
            map(unknown_line, page.unknown_in_short),
            most=_MOST_LINES,
            nothing="Every notebook answered, and no answer lacks data." if page.asked else "Everything.",
        ),
        part(
            _since(page),
            map(changed_line, page.changes),
            most=_MOST_CHANGES,
            nothing=changed if page.compared_with else "There is no earlier run to compare with.",
        ),
        part("Cost", map(cost_line, page.costs), most=_MOST_LINES, nothing=_NO_COST),
    ]


def _answered(page: Executive) -> str:
    of_notebooks = f"{page.answered} of {counted(page.asked, 'notebook')} answered"
    return f"{of_notebooks} · {page.judged} of {counted(page.answers, 'answer')} judged"


def _tiles(figures: Sequence[KeyFigure]) -> Markup:
    if not figures:
        return Markup()
    row = element("tbody", element("tr", *map(tile, figures), style="background:transparent"))
    layout = "width:100%;table-layout:fixed;margin:10px 0 0;font-size:1em"
    return element("table", row, css="ka-tiles", style=layout)


def _actions(actions: Sequence[Action], most: int) -> Markup:
    head = element("div", "What to do next", style=HEAD)
    if not actions:
        return element("div", head, element("div", "No notebook recommends an action.", style=SMALL))
    items = element("ol", *map(action_line, actions[:most]), style="margin:0;padding:0 0 0 20px")
    left = len(actions) - most
    more = f"{counted(left, 'more action')} further down, the worst first." if left > 0 else ""
    return element("div", head, items, element("div", more, style=SOFT), css="ka-actions")


def _since(page: Executive) -> str:
    return "Since the last run" + (f" ({shortened(page.compared_with, 40)})" if page.compared_with else "")


def _plain(page: Executive, most: int) -> str:
    figures = [
        f"  {one.figure.label}: {format_quantity(one.figure.value, one.figure.unit)} ({one.cluster})"
        for one in page.figures
    ]
    actions = [
        f"  {n}. {action.what} ({action.why})" for n, action in enumerate(page.actions[:most], start=1)
    ]
    return "\n".join([f"{page.light.symbol} {page.light.word}: {page.sentence}", *figures, *actions])
