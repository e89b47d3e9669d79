"""Runs the behaviours with confluent-kafka."""

import admin, failover, groups, records, transactions  # noqa: F401 - they list themselves
from harness import main
from of_confluent import Confluent

main(Confluent)
