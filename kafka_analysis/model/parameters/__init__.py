"""Parameters of the notebooks: one strict model each, checked before anything is computed."""

from kafka_analysis.model.parameters.check import PARAMETERS, validate_parameters
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.describing import (
    Inventory,
    PartitionSkew,
    StartHere,
    ThroughputBeforeAfter,
)
from kafka_analysis.model.parameters.planning import (
    ClusterSplit,
    MigrationWaves,
    MskSizing,
    RebalancePlanning,
)
from kafka_analysis.model.parameters.values import Amount, Moment, Multiple, Ratio

__all__ = [
    "PARAMETERS",
    "Amount",
    "ClusterSplit",
    "Inventory",
    "MigrationWaves",
    "Moment",
    "MskSizing",
    "Multiple",
    "NotebookParameters",
    "PartitionSkew",
    "Ratio",
    "RebalancePlanning",
    "StartHere",
    "ThroughputBeforeAfter",
    "validate_parameters",
]
