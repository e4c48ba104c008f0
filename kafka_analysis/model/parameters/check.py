"""Which notebook takes which parameters, checked before anything is computed."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kafka_analysis.model.addresses import holds_credentials
from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import cutover, describing, executive, planning
from kafka_analysis.model.parameters.common import NotebookParameters

MODELS: tuple[type[NotebookParameters], ...] = (
    describing.StartHereParameters,
    describing.InventoryParameters,
    describing.PartitionSkewParameters,
    planning.RebalanceParameters,
    planning.ClusterSplitParameters,
    planning.MskSizingParameters,
    planning.MigrationWavesParameters,
    describing.ThroughputBeforeAfterParameters,
    describing.ConsumerLagParameters,
    describing.ReplicationParameters,
    cutover.CutoverReadinessParameters,
    executive.ExecutiveSummaryParameters,
)
PARAMETERS = {model.notebook: model for model in MODELS}


def validate_parameters(
    notebook: str, values: Mapping[str, Any], *, model: type[NotebookParameters] | None = None
) -> NotebookParameters:
    """Check the parameters of a notebook strictly: every name known, every value of its type.

    Parameters
    ----------
    notebook
        Name of the notebook without ``.ipynb``; one of ``PARAMETERS`` unless a model is given.
    values
        Parameter values by name; times as ISO 8601 text or datetimes, taken as UTC when they do not say.
    model
        The model to check against instead of the registered one.

    Returns
    -------
    NotebookParameters
        The model of that notebook, times in UTC.

    Raises
    ------
    ParameterError
        A name is unknown or a value is not of its type; one line says what is allowed.
    WindowError
        A window is empty, incomplete or overlaps the other.

    Examples
    --------
    >>> validate_parameters("20_partition_skew", {"capture": "data/sample", "top_n": 5}).top_n
    5
    >>> validate_parameters("20_partition_skew", {"capture": "data/sample", "topn": 5})
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.ParameterError: unknown parameter of 20_partition_skew 'topn'; ...
    """
    if model is None and notebook not in PARAMETERS:
        raise ParameterError.unknown("notebook", notebook, PARAMETERS)
    chosen = model or PARAMETERS[notebook]
    what = f"parameter of {notebook}"
    for name in values:
        if name not in chosen.model_fields:
            raise ParameterError.unknown(what, name, chosen.model_fields)
    for name, value in values.items():
        if holds_credentials(str(value)):
            raise ParameterError(
                f"parameter {name!r} holds an address with a login or token; no secret is ever a parameter"
            )
    try:
        return chosen.model_validate(dict(values))
    except ValidationError as error:
        message = f"{notebook}: " + "; ".join(_explain(entry) for entry in error.errors())
        raise ParameterError(message) from None


def _explain(entry: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "missing":
        return f"parameter {name!r} is missing; give {name}=…"
    message = entry["msg"].removeprefix("Value error, ").removeprefix("Input ")
    shown = repr(entry["input"])
    return f"parameter {name!r} {message}, got {shown if len(shown) <= 60 else shown[:57] + '…'}"
