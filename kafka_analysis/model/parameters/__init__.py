"""Parameters of the analyses: one strict model each, used by the notebook, the command line and the call alike."""

from kafka_analysis.model.parameters.check import MODELS, PARAMETERS, validate_parameters
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.replication import ReplicationRequirements
from kafka_analysis.model.parameters.values import Amount, Moment, Multiple, Ratio
