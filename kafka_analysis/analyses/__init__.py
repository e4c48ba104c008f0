"""The analyses: one function for each question, a capture and parameters in, a frozen value of named frames out.

Notebooks, command line and checks call them; here alone things are put together.
"""

from kafka_analysis.analyses.answer import Answer
from kafka_analysis.analyses.cluster_split import ClusterSplit, cluster_split
from kafka_analysis.analyses.consumer_lag import ConsumerLag, consumer_lag
from kafka_analysis.analyses.cutover_readiness import CutoverReadiness, cutover_readiness
from kafka_analysis.analyses.executive_summary import ExecutiveSummary, executive_summary
from kafka_analysis.analyses.inventory import Inventory, inventory
from kafka_analysis.analyses.judgement import Judgement, judgement
from kafka_analysis.analyses.migration_waves import MigrationWaves, migration_waves
from kafka_analysis.analyses.msk_sizing import MskSizing, msk_sizing
from kafka_analysis.analyses.partition_skew import PartitionSkew, partition_skew
from kafka_analysis.analyses.rebalance import Rebalance, rebalance
from kafka_analysis.analyses.replication import Replication, replication
from kafka_analysis.analyses.start_here import StartHere, start_here
from kafka_analysis.analyses.throughput_before_after import ThroughputBeforeAfter, throughput_before_after
