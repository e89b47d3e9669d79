"""A broker that goes and comes back: nothing acknowledged is lost, order is kept."""

from contextlib import contextmanager

from harness import behaviour, control, equal, eventually, poll_until, wait_until
from records import numbered


@contextmanager
def down(broker):
    control(f"kill {broker}")
    try:
        yield
    finally:
        control(f"start {broker}")


@behaviour("broker-restart", alone=True, brokers=3)
def broker_restart(ctx):
    topic = ctx.topic(6, configs={"min.insync.replicas": "2"})
    producer = ctx.client.producer(acks="all", idempotent=ctx.client.idempotent)
    sent = iter(range(600))

    def rounds(count):
        for _ in range(count):
            for number in [next(sent) for _ in range(20)]:
                producer.send(topic, key=f"k{number % 12}".encode(), value=f"{number}".encode())
            # Returns once all of them are acknowledged.
            producer.flush()

    try:
        rounds(8)
        with down(2):
            rounds(12)
        rounds(10)
    finally:
        producer.close()
    acknowledged = list(range(600))
    got = ctx.read(topic, len(acknowledged), 6, extra=0.5)
    numbers = [int(record.value) for record in got]
    equal(sorted(set(numbers)), acknowledged, "every acknowledged record")
    for key in {record.key for record in got}:
        run = [int(record.value) for record in got if record.key == key]
        first_sight = list(dict.fromkeys(run))
        equal(first_sight, sorted(first_sight), f"order of {key}")
        if ctx.client.idempotent:
            equal(len(run), len(first_sight), f"records of {key}, none twice")


@behaviour("group-failover", alone=True, brokers=3)
def group_failover(ctx):
    """Committed offsets outlive each broker that coordinated them."""
    topic, group = ctx.topic(), ctx.fresh("g")
    ctx.produce(topic, numbered(40))
    for step, broker in enumerate((1, 2, 3)):
        consumer = ctx.client.consumer(group=group, max_records=10, session_ms=6000, heartbeat_ms=300)
        try:
            consumer.subscribe([topic])
            equal(poll_until(consumer, 1)[0].offset, step * 10, "where the group goes on")
            with down(broker):
                # A member that was away for too long joins again while it polls.
                eventually(lambda: (consumer.poll(0.1), consumer.commit(topic, 0, (step + 1) * 10)))
        finally:
            consumer.close()
        settle(ctx, topic, "__consumer_offsets")


@behaviour("txn-failover", needs=("transactional_producer",), alone=True, brokers=3)
def txn_failover(ctx):
    """Transactions are finished although a broker went while they were open."""
    topic = ctx.topic(3)
    producer = ctx.client.transactional_producer(ctx.fresh("id"))
    try:
        for broker in (1, 2, 3):
            producer.begin()
            for record in numbered(9, prefix=f"{broker}-"):
                producer.send(topic, **record)
            producer.flush()
            with down(broker):
                producer.commit()
            settle(ctx, topic, "__transaction_state")
    finally:
        producer.close()
    got = ctx.read(topic, 27, 3, extra=0.3, isolation="read_committed")
    equal(sorted(record.value for record in got), sorted(f"{b}-{i}".encode() for b in (1, 2, 3) for i in range(9)), "committed records")


def settle(ctx, topic, *internal):
    """Waits until every replica is in sync again, so that the next loss is one at a time."""
    if hasattr(ctx.client, "in_sync"):
        for each in (topic, *internal):
            full = lambda: all(count == 3 for count in eventually(lambda: ctx.client.in_sync(each)))
            wait_until(full, f"three replicas of {each} in sync")
