"""The one line to act on: what to do about the worst finding of an answer."""

from kafka_analysis.model.findings import Light, worst_light
from kafka_analysis.model.summary import SummaryResult


def action_of(result: SummaryResult) -> str:
    """Return the action of the worst finding that has one; nothing where none has.

    Parameters
    ----------
    result
        The answer for one cluster; findings that are good count for nothing.
    """
    advised = [finding for finding in result.findings if finding.action and finding.light is not Light.GREEN]
    return next((f.action for f in advised if f.light is worst_light(advised)), "")
