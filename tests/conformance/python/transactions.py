"""Transactions: all or nothing, seen by those who read committed records only."""

from harness import behaviour, check, equal, fails_with, poll_until, wait_until
from records import numbered

FENCED = ["fenced", "PRODUCER_FENCED", "InvalidProducerEpoch", "INVALID_PRODUCER_EPOCH", "newer instance", "newer epoch", "old epoch"]


def values(records):
    return [record.value for record in records]


def send(producer, topic, prefix, count=10):
    for record in numbered(count, prefix=prefix):
        producer.send(topic, **record)
    producer.flush()


def committed_only(ctx, topic, count):
    return values(ctx.read(topic, count, extra=0.3, isolation="read_committed"))


def expected(prefix, count=10):
    return [record["value"] for record in numbered(count, prefix=prefix)]


@behaviour("txn-commit", needs=("transactional_producer",))
def commit(ctx):
    topic = ctx.topic()
    producer = ctx.client.transactional_producer(ctx.fresh("id"))
    try:
        for prefix in ("a", "b"):
            producer.begin()
            send(producer, topic, prefix)
            producer.commit()
    finally:
        producer.close()
    equal(committed_only(ctx, topic, 20), expected("a") + expected("b"), "records of two committed transactions")
    equal(ctx.read(topic, 20)[10].offset, 11, "offset after the control record of the first transaction")


@behaviour("txn-abort", needs=("transactional_producer",))
def abort(ctx):
    topic = ctx.topic()
    producer = ctx.client.transactional_producer(ctx.fresh("id"))
    try:
        producer.begin()
        send(producer, topic, "a")
        producer.abort()
        producer.begin()
        send(producer, topic, "b")
        producer.commit()
    finally:
        producer.close()
    equal(committed_only(ctx, topic, 10), expected("b"), "read_committed leaves the aborted records out")
    equal(values(ctx.read(topic, 20)), expected("a") + expected("b"), "read_uncommitted shows them")


@behaviour("txn-read-committed", needs=("transactional_producer",))
def read_committed(ctx):
    """Nothing behind the first open transaction is shown until that one ends."""
    topic = ctx.topic()
    producer = ctx.client.transactional_producer(ctx.fresh("id"))
    reader = ctx.client.consumer(isolation="read_committed")
    try:
        producer.begin()
        send(producer, topic, "open")
        ctx.produce(topic, numbered(5, prefix="plain"))
        equal(len(ctx.read(topic, 15)), 15, "records that read_uncommitted shows")
        reader.assign([(topic, 0, 0)])
        for _ in range(8):
            check(not reader.poll(0.1), "read_committed shows nothing while the transaction is open")
        producer.commit()
        equal(values(poll_until(reader, 15)), expected("open") + expected("plain", 5), "records after the commit")
    finally:
        producer.close()
        reader.close()


@behaviour("txn-fencing", needs=("transactional_producer",))
def fencing(ctx):
    topic, name = ctx.topic(), ctx.fresh("id")
    zombie = ctx.client.transactional_producer(name)
    zombie.begin()
    send(zombie, topic, "zombie")
    heir = ctx.client.transactional_producer(name)
    try:
        fails_with(lambda: (send(zombie, topic, "late"), zombie.commit()), FENCED, "a commit of the producer that was replaced")
        heir.begin()
        send(heir, topic, "heir")
        heir.commit()
    finally:
        heir.close()
        zombie.abandon()
    equal(committed_only(ctx, topic, 10), expected("heir"), "records after the zombie was fenced")


@behaviour("txn-consume-produce", needs=("transactional_producer",))
def consume_produce(ctx):
    source, sink, group = ctx.topic(), ctx.topic(), ctx.fresh("g")
    ctx.produce(source, numbered(30, prefix="in"))
    producer = ctx.client.transactional_producer(ctx.fresh("id"))
    try:
        for attempt in ("abort", "commit"):
            consumer = ctx.client.consumer(group=group, isolation="read_committed", max_records=30)
            try:
                consumer.subscribe([source])
                got = poll_until(consumer, 30)
                producer.begin()
                for record in got:
                    producer.send(sink, key=record.key, value=record.value.upper())
                producer.flush()
                producer.send_offsets(consumer, source, 0, got[-1].offset + 1)
                producer.abort() if attempt == "abort" else producer.commit()
            finally:
                consumer.close()
    finally:
        producer.close()
    equal(committed_only(ctx, sink, 30), [v.upper() for v in expected("in", 30)], "records carried over once")
    consumer = ctx.client.consumer(group=group)
    try:
        wait_until(lambda: consumer.committed(source, 0) == 30, "the offset committed with the transaction")
    finally:
        consumer.close()
