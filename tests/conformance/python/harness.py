"""What the behaviours stand on: how they are listed, run and reported, and waiting with a deadline."""

import concurrent.futures
import os
import sys
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field

DEADLINE = 45.0
#: How long one behaviour may take before it counts as failed and the next one goes on.
LIMIT = 120.0
#: Behaviours mostly wait, so several run at a time.
AT_A_TIME = 4

BEHAVIOURS = {}


@dataclass
class Record:
    """A record as read: `headers` is a list of (name, bytes or None)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list
    timestamp: int


@dataclass
class Behaviour:
    run: object
    #: Methods that the client must have; a client without one cannot do it.
    needs: tuple = ()
    #: Behaviours that need the cluster for themselves, since they kill brokers.
    alone: bool = False
    #: The fewest brokers it makes sense with.
    brokers: int = 1


@dataclass
class Context:
    """What a behaviour gets: the client, names nobody else uses, and a hand on the cluster."""

    client: object
    brokers: int
    name: str
    members: list = field(default_factory=list)

    def fresh(self, what="t"):
        return f"{self.client.name}-{self.name}-{what}-{uuid.uuid4().hex[:8]}"

    def topic(self, partitions=1, configs=None, replication=None):
        name = self.fresh()
        self.client.create_topic(name, partitions, replication or min(self.brokers, 3), configs or {})
        return name

    def produce(self, topic, records, **options):
        """Sends dictionaries of send()'s arguments; returns (partition, offset) of each."""
        producer = self.client.producer(**options)
        try:
            for record in records:
                producer.send(topic, **record)
            return producer.flush()
        finally:
            producer.close()

    def read(self, topic, count, partitions=1, extra=0.0, **options):
        """Reads `count` records of all partitions from their start; with `extra`, also what comes in that time."""
        consumer = self.client.consumer(**options)
        try:
            consumer.assign([(topic, partition, 0) for partition in range(partitions)])
            got = poll_until(consumer, count)
            if extra:
                until = time.time() + extra
                while time.time() < until:
                    got += consumer.poll(0.1)
            return got
        finally:
            consumer.close()


def behaviour(name, needs=(), alone=False, brokers=1):
    def keep(function):
        BEHAVIOURS[name] = Behaviour(function, needs, alone, brokers)
        return function

    return keep


def poll_until(consumer, count, seconds=DEADLINE):
    got = []
    wait_until(lambda: got.extend(consumer.poll(0.1)) or len(got) >= count, lambda: f"{count} records, got {len(got)}", seconds)
    return got


def wait_until(condition, what, seconds=DEADLINE):
    """Waits until the condition holds; fails with what was waited for when it does not in time."""
    deadline = time.time() + seconds
    while True:
        held = condition()
        if held:
            return held
        if time.time() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what() if callable(what) else what}")
        time.sleep(0.02)


def eventually(action):
    """Does it again while it fails, as a program has to that outlives a coordinator."""
    deadline = time.time() + DEADLINE
    while True:
        try:
            return action()
        except Exception:
            if time.time() > deadline:
                raise
            time.sleep(0.2)


def equal(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: got {shorten(got)}, wanted {shorten(wanted)}")


def check(truth, what):
    if not truth:
        raise AssertionError(what)


def fails_with(action, names, what):
    """The action has to raise an error whose text has one of the names."""
    try:
        action()
    except Exception as error:
        text = f"{type(error).__name__} {error}"
        check(any(name.lower() in text.lower() for name in names), f"{what}: failed, but with {text}")
        return error
    raise AssertionError(f"{what}: went through")


def shorten(thing):
    text = repr(thing)
    return text if len(text) < 300 else text[:300] + "…"


_control = threading.Lock()


def control(line):
    """Asks the one who started us to kill or start a broker, and waits until that is done."""
    with _control:
        report(f"broker {line}")
        if not sys.stdin.readline().startswith("done"):
            raise AssertionError(f"nobody carried out: {line}")


_output = threading.Lock()


def report(line):
    with _output:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def run_one(name, make_client, brokers):
    chosen = BEHAVIOURS.get(name)
    started = time.time()
    if chosen is None:
        return f"{name} cannot it has no call for that"
    client = make_client()
    if name in client.cannot:
        return f"{name} cannot {client.cannot[name]}"
    for need in chosen.needs:
        if not hasattr(client, need):
            return f"{name} cannot it has no call for that"
    if brokers < chosen.brokers:
        return f"{name} cannot it takes {chosen.brokers} brokers"
    context = Context(client, brokers, name)
    outcome = []

    def attempt():
        try:
            chosen.run(context)
            outcome.append("pass")
        except Exception as error:
            traceback.print_exc()
            outcome.append(f"fail {type(error).__name__}: {error}".replace("\n", " ")[:500])
        finally:
            for member in context.members:
                member.abandon()

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(LIMIT)
    said = outcome[0] if outcome else f"fail no end after {LIMIT:.0f} s"
    return f"{name} {said}" if said != "pass" else f"{name} pass {time.time() - started:.1f}s"


def main(make_client):
    """usage: PROGRAM BOOTSTRAP BROKERS BEHAVIOUR..."""
    bootstrap, brokers, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    alone = [name for name in names if name in BEHAVIOURS and BEHAVIOURS[name].alone]
    together = [name for name in names if name not in alone]
    work = lambda name: report(run_one(name, lambda: make_client(bootstrap), brokers))
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(work, together))
    for name in alone:
        work(name)
    sys.stdout.flush()
    # A client that hangs in the background must not keep the program.
    os._exit(0)
