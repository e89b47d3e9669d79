"""Runs the behaviours with kafka-python."""

import admin, failover, groups, records, transactions  # noqa: F401 - they list themselves
from harness import main
from of_kafka_python import KafkaPython

main(KafkaPython)
