"""Parameters of the executive summary: whose answers, and which run they are compared with."""

from typing import Annotated, ClassVar

from pydantic import Field

from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.values import Moment, Ratio, Rows, option

_OF_THE_NOTEBOOKS = "as given to the notebooks; accepted here so that one option can be given to all"
Folder = Annotated[str, Field(min_length=1)]


class ExecutiveSummaryParameters(NotebookParameters):
    """Parameters of ``90_executive_summary``: the folders of summaries, and how many actions are shown."""

    notebook: ClassVar[str] = "90_executive_summary"
    places: ClassVar[frozenset[str]] = frozenset({"capture", "summaries", "previous"})

    cluster: str | None = option(None, "cluster name; None = all clusters")
    summaries: Folder | None = option(
        None,
        'folder of a run, such as "reports/latest"; None = this run, else <capture>.summaries beside the capture',
    )
    previous: Folder | None = option(
        None,
        "folder of an earlier run to compare with; None = the newest comparable run in the folder of reports",
    )
    top_n: Rows = option(5, "actions on the first screen; more than 5 need a second printed page")
    start: Moment | None = option(None, _OF_THE_NOTEBOOKS, is_input=True)
    end: Moment | None = option(None, _OF_THE_NOTEBOOKS, is_input=True)
    topics_exclude: list[str] = option([], _OF_THE_NOTEBOOKS, "--exclude-topic", is_input=True)
    include_internal: bool = option(False, _OF_THE_NOTEBOOKS, is_input=True)
    coverage_required: Ratio = option(
        0.95, "minimum share of notebooks with an answer; below it, nothing is green"
    )
