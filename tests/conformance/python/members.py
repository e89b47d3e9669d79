"""A member of a group in a process of its own, so that it can crash: nothing says goodbye for it."""

import importlib
import json
import os
import subprocess
import sys


def crashing(module, name, bootstrap, group, topic, options):
    """Starts one, and returns what kills it."""
    asked = json.dumps([module, name, bootstrap, group, topic, options])
    process = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), asked], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )

    def crash():
        process.kill()
        process.wait()

    return crash


def main():
    module, name, bootstrap, group, topic, options = json.loads(sys.argv[1])
    client = getattr(importlib.import_module(module), name)(bootstrap)
    consumer = client.consumer(group=group, **options)
    consumer.subscribe([topic])
    parent = os.getppid()
    while os.getppid() == parent:
        consumer.poll(0.1)


if __name__ == "__main__":
    main()
