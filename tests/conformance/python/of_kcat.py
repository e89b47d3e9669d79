"""kcat, the command line tool: each producer and reader is a process of it.

It cannot create topics; that is done for it by another client, under a client id of its own.
"""

import json
import queue
import re
import signal
import subprocess
import threading
import time

from harness import Record
from of_kafka_python import KafkaPython

CLIENT_ID = "kcat"
SEPARATOR, KEY_END = "\\x1e", "\\x1f"
#: Lengths first, so that keys and values may hold anything.
FORMAT = "%t %p %o %T %K %S %h\\n%k%s\\n"
NOT_FOR_TOOLS = "a command line tool: no such call"


class Kcat:
    name = "kcat"
    idempotent = True
    sets_timestamps = False
    #: What its processes print is read a moment later, perhaps in another order.
    tells_in_time = False
    sticks = True
    null_both = null_headers = empty_headers = False
    empty_values = False
    static_members = regex_subscription = True
    cannot = {
        "assignor-sticky": "librdkafka has no eager sticky assignor",
        "seek": "it reads from one offset on and cannot move",
        "pause-resume": NOT_FOR_TOOLS,
        "long-poll": "it has no way to set how long a fetch waits and read on",
        "commit": "it only commits by itself, when it leaves",
        **{
            f"txn-{what}": "it reads its input in blocks and cannot hold a transaction open at a record"
            for what in ("abort", "read-committed", "fencing")
        },
        "txn-consume-produce": "a transaction holds produced records only",
        "kip848-join-leave": "librdkafka 2.0.2 is older than the protocol",
        "kip848-assignors": "librdkafka 2.0.2 is older than the protocol",
        "kip848-static": "librdkafka 2.0.2 is older than the protocol",
        "kip848-regex": "librdkafka 2.0.2 is older than the protocol",
        "group-failover": "it only commits by itself, when it leaves",
        "txn-failover": "a process is one transaction, ended when its input ends",
    }

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.base = ["kcat", "-b", bootstrap, "-X", f"client.id={CLIENT_ID}", "-X", "topic.metadata.refresh.interval.ms=1000"]
        self.setup = KafkaPython(bootstrap, "setup")

    def create_topic(self, *args):
        self.setup.create_topic(*args, wait=True)

    def producer(self, acks="all", codec=None, idempotent=False, large=False):
        options = ["-X", f"acks={acks}", "-X", f"enable.idempotence={str(idempotent).lower()}"]
        options += ["-X", f"message.max.bytes={10_000_000 if large else 1_100_000}"]
        options += ["-z", codec] if codec else []
        return Sender(self.base + options)

    def consumer(self, **options):
        return Reader(self.base, **options)

    def transactional_producer(self, transactional_id):
        return OneTransactionEach(self, transactional_id)

    def crashing_member(self, group, topic, options):
        reader = self.consumer(group=group, **options)
        reader.subscribe([topic])
        return reader.crash

    def describe_topic(self, name):
        topic = json.loads(run([*self.base, "-L", "-J", "-t", name]))["topics"][0]
        ids = lambda rows: [row["id"] for row in rows]
        return sorted((p["partition"], p["leader"], ids(p["replicas"]), ids(p["isrs"])) for p in topic["partitions"])


def run(command, given=b"", seconds=60):
    done = subprocess.run(command, input=given, capture_output=True, timeout=seconds)
    said = done.stderr.decode(errors="replace")
    if done.returncode or "Delivery failed" in said:
        raise RuntimeError(f"exit {done.returncode}: {said.strip()[-400:]}")
    return done.stdout


class Sender:
    """Keeps records until it is flushed, and then runs kcat once for each run of records that it can send at once."""

    def __init__(self, command):
        self.command, self.waiting = command, []

    def send(self, topic, value, key=None, headers=None, partition=-1, timestamp=None):
        if timestamp is not None:
            raise RuntimeError("kcat cannot set timestamps")
        self.waiting.append((topic, partition, tuple(headers or ()), key is None, value is None, key, value))

    def flush(self):
        waiting, self.waiting = self.waiting, []
        while waiting:
            alike = [waiting[0]]
            while len(alike) < len(waiting) and waiting[len(alike)][:5] == waiting[0][:5]:
                alike.append(waiting[len(alike)])
            waiting = waiting[len(alike) :]
            self.send_alike(alike)
        return []

    def send_alike(self, alike):
        topic, partition, headers, no_key, no_value, _, _ = alike[0]
        command = [*self.command, "-P", "-t", topic, "-p", str(partition), "-D", SEPARATOR]
        for name, value in headers:
            command += ["-H", f"{name}={value.decode()}"]
        if no_value:
            command.append("-Z")
        if not no_key:
            command += ["-K", KEY_END]
        lines = [(b"" if no_key else key + b"\x1f") + (value or b"") for *_, key, value in alike]
        run(command, b"\x1e".join(lines))

    def close(self):
        self.flush()


class OneTransactionEach:
    """A process of kcat is one transaction, committed when its input ends."""

    def __init__(self, client, transactional_id):
        self.client, self.id, self.process = client, transactional_id, None

    def begin(self):
        pass

    def start(self, topic):
        options = ["-X", f"transactional.id={self.id}", "-X", "linger.ms=5", "-D", SEPARATOR, "-K", KEY_END]
        self.process = subprocess.Popen(
            [*self.client.base, *options, "-P", "-t", topic], stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def send(self, topic, value, key=None):
        if self.process is None:
            self.start(topic)
        self.process.stdin.write(key + b"\x1f" + value + b"\x1e")

    def flush(self):
        pass

    def commit(self):
        self.process.stdin.close()
        self.ended()

    def ended(self):
        process, self.process = self.process, None
        process.wait(60)
        said = process.stderr.read().decode(errors="replace")
        if process.returncode:
            raise RuntimeError(f"exit {process.returncode}: {said[-400:]}")

    def close(self):
        self.abandon()

    def abandon(self):
        if self.process:
            self.process.kill()


class Reader:
    def __init__(
        self, base, group=None, reset="earliest", isolation="read_uncommitted", auto_commit=False, assignor=None, instance=None,
        session_ms=None, heartbeat_ms=None, on_assign=None, on_revoke=None, max_records=None, fetch_wait_ms=200,
    ):
        conf = {
            "auto.offset.reset": reset,
            "isolation.level": isolation,
            "enable.auto.commit": str(auto_commit).lower(),
            "partition.assignment.strategy": assignor,
            "group.instance.id": instance,
            "session.timeout.ms": session_ms,
            "heartbeat.interval.ms": heartbeat_ms,
            "fetch.wait.max.ms": fetch_wait_ms,
        }
        self.base, self.group = base, group
        self.options = [word for key, value in conf.items() if value is not None for word in ("-X", f"{key}={value}")]
        self.on_assign, self.on_revoke = on_assign, on_revoke
        self.records, self.processes, self.trouble = queue.Queue(), [], []

    def start(self, words, topic):
        process = subprocess.Popen(
            [*self.base, *self.options, "-u", "-f", FORMAT, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.processes.append(process)
        threading.Thread(target=self.read, args=(process.stdout,), daemon=True).start()
        threading.Thread(target=self.listen, args=(process.stderr,), daemon=True).start()

    def read(self, stream):
        while line := stream.readline():
            topic, partition, offset, timestamp, key_length, value_length, *headers = line.decode().rstrip("\n").split(" ")
            key, value = (None if int(n) < 0 else stream.read(int(n)) for n in (key_length, value_length))
            stream.readline()
            pairs = [tuple(each.split("=", 1)) for each in headers[0].split(",") if each] if headers else []
            pairs = [(name, content.encode()) for name, content in pairs]
            self.records.put(Record(topic, int(partition), int(offset), key, value, pairs, int(timestamp)))

    def listen(self, stream):
        """Its words on stderr tell what the group gives and takes."""
        for line in stream:
            said = line.decode(errors="replace").strip()
            change = re.search(r"rebalanced.*?(assigned|revoked|assignment|revoke)\b.*?: (.*)", said)
            if change and self.on_assign:
                places = [(topic, int(partition)) for topic, partition in re.findall(r"([^\s,]+) \[(\d+)\]", change[2])]
                if change[1].startswith("assign"):
                    self.on_assign(places)
                else:
                    self.on_revoke(places)
            elif "ERROR" in said and "reached" not in said:
                self.trouble.append(said)

    def assign(self, places):
        for topic, partition, offset in places:
            self.start(["-C", "-t", topic, "-p", str(partition), "-o", str(offset)], topic)

    def subscribe(self, topics):
        self.start(["-E", "-G", self.group, *topics], topics[0])

    def poll(self, seconds):
        found, deadline = [], time.time() + seconds
        if self.records.empty() and any(process.poll() is not None for process in self.processes):
            raise RuntimeError(f"kcat ended: {self.trouble}")
        try:
            found.append(self.records.get(timeout=seconds))
            while time.time() < deadline:
                found.append(self.records.get_nowait())
        except queue.Empty:
            pass
        return found

    def offset_for_time(self, topic, partition, timestamp):
        found = run([*self.base, "-X", "isolation.level=read_uncommitted", "-Q", "-t", f"{topic}:{partition}:{timestamp}"]).decode()
        return int(re.search(r"offset (-?\d+)", found)[1])

    def watermarks(self, topic, partition):
        return self.offset_for_time(topic, partition, -2), self.offset_for_time(topic, partition, -1)

    def crash(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(30)
