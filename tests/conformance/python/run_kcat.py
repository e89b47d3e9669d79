"""Runs the behaviours with kcat."""

import admin, failover, groups, records, transactions  # noqa: F401 - they list themselves
from harness import main
from of_kcat import Kcat

main(Kcat)
