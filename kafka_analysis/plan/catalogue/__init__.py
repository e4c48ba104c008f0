"""What MSK's broker types and usual hosts carry and cost: data with source and date, for users to replace."""

from kafka_analysis.plan.catalogue.read import Catalogue, price_of, quota_of, read_catalogue
from kafka_analysis.plan.catalogue.tables import TABLES
