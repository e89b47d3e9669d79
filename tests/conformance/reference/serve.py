#!/usr/bin/env python3
"""The real Apache Kafka behind the face of `kafka-playground serve`: the same options, ready line and control lines.

usage: serve.py CLASSPATH_FILE serve --brokers N --port P --control-stdin
"""
import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

CLUSTER_ID = "QkFDQUxIQVUtb24tRnJpZA"
LOG4J = """rootLogger.level=WARN
rootLogger.appenderRefs=c
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.target=SYSTEM_ERR
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d] %p %m (%c)%n
"""


class Cluster:
    def __init__(self, classpath, brokers, port):
        self.brokers, self.port = brokers, port
        self.dir = tempfile.mkdtemp(prefix="reference-")
        self.env = dict(os.environ, CLASSPATH=classpath)
        self.processes = {}
        with open(f"{self.dir}/log4j2.properties", "w") as file:
            file.write(LOG4J)

    def java(self, *args, heap="-Xmx768m"):
        flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={self.dir}/log4j2.properties"]
        return ["java", heap, *flags, *args]

    def controller_port(self, broker):
        return self.port + self.brokers + broker - 1

    def properties(self, broker):
        voters = ",".join(f"{i}@localhost:{self.controller_port(i)}" for i in range(1, self.brokers + 1))
        replicas = min(self.brokers, 3)
        settings = {
            "process.roles": "broker,controller",
            "node.id": broker,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://localhost:{self.port + broker - 1},CONTROLLER://localhost:{self.controller_port(broker)}",
            "advertised.listeners": f"PLAINTEXT://localhost:{self.port + broker - 1}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": f"{self.dir}/log{broker}",
            "offsets.topic.replication.factor": replicas,
            "offsets.topic.num.partitions": 5,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 5,
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
        }
        path = f"{self.dir}/broker{broker}.properties"
        with open(path, "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in settings.items())
        return path

    def start(self, broker):
        properties = self.properties(broker)
        if not os.path.exists(f"{self.dir}/log{broker}"):
            form = self.java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties)
            alternative = self.java("org.apache.kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties)
            if subprocess.run(form, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
                subprocess.run(alternative, env=self.env, check=True, stdout=subprocess.DEVNULL)
        self.processes[broker] = subprocess.Popen(
            self.java("kafka.Kafka", properties), env=self.env, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr
        )

    def wait_for(self, broker):
        deadline = time.time() + 90
        while True:
            try:
                socket.create_connection(("localhost", self.port + broker - 1), 1).close()
                return
            except OSError:
                if time.time() > deadline or self.processes[broker].poll() is not None:
                    raise SystemExit(f"broker {broker} did not come up")
                time.sleep(0.1)

    def kill(self, broker):
        process = self.processes.pop(broker)
        process.kill()
        process.wait()

    def close(self):
        for broker in list(self.processes):
            self.kill(broker)
        shutil.rmtree(self.dir, ignore_errors=True)


def main():
    classpath = open(sys.argv[1]).read().strip()
    options = argparse.ArgumentParser()
    options.add_argument("command")
    options.add_argument("--brokers", type=int, default=1)
    options.add_argument("--port", type=int, default=8098)
    options.add_argument("--control-stdin", action="store_true")
    options.add_argument("--verbose", action="store_true")
    asked = options.parse_args(sys.argv[2:])
    cluster = Cluster(classpath, asked.brokers, asked.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for broker in range(1, asked.brokers + 1):
            cluster.start(broker)
        for broker in range(1, asked.brokers + 1):
            cluster.wait_for(broker)
        print(f"ready localhost:{asked.port}", flush=True)
        for line in sys.stdin:
            verb, broker = line.split()
            if verb == "kill":
                cluster.kill(int(broker))
            else:
                cluster.start(int(broker))
                cluster.wait_for(int(broker))
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
