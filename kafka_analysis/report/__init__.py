"""Run notebooks, record what they found, render pages that need nothing but a browser."""

from kafka_analysis.report.blocks import data_quality, findings, first_screen
from kafka_analysis.report.executive import executive_basis, executive_first_screen
from kafka_analysis.report.files import files
from kafka_analysis.report.notebook_parameters import notebook_parameters
from kafka_analysis.report.summary import record_summary
