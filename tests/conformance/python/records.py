"""Producing and consuming: what goes in comes out, byte by byte."""

import time

from harness import behaviour, check, equal, fails_with, poll_until, wait_until


def content(record):
    return (record.key, record.value)


def numbered(count, keys=10, prefix="v"):
    return [{"key": f"k{i % keys}".encode(), "value": f"{prefix}{i}".encode()} for i in range(count)]


def by_key(records):
    values = {}
    for record in records:
        values.setdefault(record.key, []).append(record.value)
    return values


def wanted_by_key(sent):
    values = {}
    for record in sent:
        values.setdefault(record["key"], []).append(record["value"])
    return values


def round_trip(ctx, sent, partitions=1, **options):
    topic = ctx.topic(partitions)
    placed = ctx.produce(topic, sent, **options)
    got = ctx.read(topic, len(sent), partitions)
    equal(by_key(got), wanted_by_key(sent), "values by key, in order")
    return placed, got


@behaviour("produce-consume")
def produce_consume(ctx):
    placed, got = round_trip(ctx, numbered(300, keys=20), partitions=3)
    check(len({record.partition for record in got}) == 3, "keys went to every partition")
    if placed:
        equal(sorted(placed), sorted((record.partition, record.offset) for record in got), "acknowledged places")
    for partition in range(3):
        offsets = [record.offset for record in got if record.partition == partition]
        equal(offsets, list(range(len(offsets))), f"offsets of partition {partition}")


def codec(name):
    @behaviour(f"codec-{name}")
    def run(ctx):
        sent = [{"key": f"k{i % 5}".encode(), "value": (f"value {i} " * 40).encode()} for i in range(200)]
        round_trip(ctx, sent, partitions=2, codec=name)


for each in ("gzip", "snappy", "lz4", "zstd"):
    codec(each)


@behaviour("headers")
def headers(ctx):
    wanted = [("a", b"1"), ("a", b"2"), ("nothing", None), ("empty", b""), ("a", b"1")]
    if not ctx.client.empty_headers:
        wanted = [header for header in wanted if header[1] != b""]
    if not ctx.client.null_headers:
        wanted = [header for header in wanted if header[1] is not None]
    topic = ctx.topic()
    ctx.produce(topic, [{"key": b"k", "value": b"v", "headers": wanted}])
    equal(ctx.read(topic, 1)[0].headers, wanted, "headers, with a repeated name and a null value")


@behaviour("null-key-value")
def null_key_value(ctx):
    topic = ctx.topic()
    sent = [(None, b"v"), (b"k", None)]
    if ctx.client.null_both:
        sent.append((None, None))
    if ctx.client.empty_values:
        sent += [(b"", b""), (b"k", b"")]
    ctx.produce(topic, [{"key": key, "value": value, "partition": 0} for key, value in sent])
    equal([content(record) for record in ctx.read(topic, len(sent))], sent, "null and empty keys and values")


@behaviour("record-1mb")
def record_1mb(ctx):
    sent = [{"key": b"k", "value": bytes([65 + i]) * 1_000_000} for i in range(5)]
    round_trip(ctx, sent)


@behaviour("record-too-large")
def record_too_large(ctx):
    topic = ctx.topic(configs={"max.message.bytes": "20000"})
    fails_with(
        lambda: ctx.produce(topic, [{"key": b"k", "value": b"x" * 30_000}], large=True),
        ["MSG_SIZE_TOO_LARGE", "MessageSizeTooLarge", "RecordTooLarge", "Message size too large"],
        "a record above max.message.bytes",
    )
    ctx.produce(topic, [{"key": b"k", "value": b"x" * 10_000}])
    equal(len(ctx.read(topic, 1)), 1, "records after the one refused")


@behaviour("acks-0")
def acks_0(ctx):
    round_trip(ctx, numbered(50), acks=0)


@behaviour("acks-1")
def acks_1(ctx):
    round_trip(ctx, numbered(50), acks=1)


@behaviour("acks-all")
def acks_all(ctx):
    round_trip(ctx, numbered(50), acks="all")


@behaviour("idempotence")
def idempotence(ctx):
    _, got = round_trip(ctx, numbered(500), partitions=3, idempotent=True)
    equal(len(got), 500, "records, none twice")


@behaviour("seek")
def seek(ctx):
    topic = ctx.topic()
    ctx.produce(topic, numbered(100))
    consumer = ctx.client.consumer()
    try:
        consumer.assign([(topic, 0, 0)])
        poll_until(consumer, 100)
        for offset in (40, 7, 99):
            consumer.seek(topic, 0, offset)
            equal(poll_until(consumer, 1)[0].offset, offset, f"first offset after a seek to {offset}")
    finally:
        consumer.close()


@behaviour("seek-to-time")
def seek_to_time(ctx):
    if not ctx.client.sets_timestamps:
        return seek_to_own_time(ctx)
    topic = ctx.topic()
    base = int(time.time() * 1000) - 100_000
    ctx.produce(topic, [dict(record, timestamp=base + i * 1000) for i, record in enumerate(numbered(50))])
    consumer = ctx.client.consumer()
    try:
        equal(consumer.offset_for_time(topic, 0, base + 20_500), 21, "offset of the first record at or after a time")
        check(consumer.offset_for_time(topic, 0, base + 10_000_000) in (None, -1), "no offset beyond the last time")
        consumer.assign([(topic, 0, 21)])
        first = poll_until(consumer, 1)[0]
        equal((first.offset, first.timestamp), (21, base + 21_000), "record found by time")
    finally:
        consumer.close()


def seek_to_own_time(ctx):
    """The same for a client that cannot choose timestamps: the clock has moved on between two batches."""
    topic = ctx.topic()
    ctx.produce(topic, numbered(10))
    last = ctx.read(topic, 10)[-1].timestamp
    wait_until(lambda: time.time() * 1000 > last + 5, "the clock")
    ctx.produce(topic, numbered(10))
    consumer = ctx.client.consumer()
    equal(consumer.offset_for_time(topic, 0, last + 1), 10, "offset of the first record after a time")
    equal(consumer.offset_for_time(topic, 0, last + 10_000_000), -1, "offset beyond the last time")


@behaviour("watermarks")
def watermarks(ctx):
    topic = ctx.topic()
    ctx.produce(topic, numbered(12))
    consumer = ctx.client.consumer()
    try:
        equal(tuple(consumer.watermarks(topic, 0)), (0, 12), "first offset and end of the partition")
    finally:
        consumer.close()


@behaviour("pause-resume")
def pause_resume(ctx):
    topic = ctx.topic(2)
    consumer = ctx.client.consumer()
    try:
        consumer.assign([(topic, 0, 0), (topic, 1, 0)])
        consumer.poll(0.1)
        consumer.pause(topic, 0)
        ctx.produce(topic, [{"key": b"k", "value": f"{i}".encode(), "partition": i % 2} for i in range(40)])
        got = []
        wait_until(lambda: got.extend(consumer.poll(0.1)) or len(got) >= 20, "records of the other partition")
        for _ in range(5):
            got += consumer.poll(0.1)
        equal({record.partition for record in got}, {1}, "partitions read while one is paused")
        consumer.resume(topic, 0)
        equal({record.partition for record in poll_until(consumer, 20)}, {0}, "partitions read after resuming")
    finally:
        consumer.close()


@behaviour("long-poll")
def long_poll(ctx):
    """A record that comes while a fetch waits ends the wait."""
    topic = ctx.topic()
    consumer = ctx.client.consumer(fetch_wait_ms=20_000)
    try:
        consumer.assign([(topic, 0, 0)])
        for _ in range(5):
            check(not consumer.poll(0.1), "nothing there yet")
        started = time.time()
        ctx.produce(topic, numbered(1))
        poll_until(consumer, 1)
        check(time.time() - started < 10, f"the fetch took {time.time() - started:.1f} s to notice a record")
    finally:
        consumer.close()
