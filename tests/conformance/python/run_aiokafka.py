"""Runs the behaviours with aiokafka."""

import admin, failover, groups, records, transactions  # noqa: F401 - they list themselves
from harness import main
from of_aiokafka import Aiokafka

main(Aiokafka)
