"""Runs Spark Structured Streaming against a cluster: run.py BOOTSTRAP BROKERS BEHAVIOUR..."""

import os
import shutil
import sys
import tempfile
import time
import traceback
import uuid

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, window

BOOTSTRAP, BROKERS = sys.argv[1], int(sys.argv[2])
DEADLINE = 90
SCOTSMEN = ["William Wallace", "Robert Burns", "Adam Smith", "David Hume", "James Watt", "Walter Scott"]


def session():
    jars = ",".join(os.environ["SPARK_KAFKA_JARS"].split(":"))
    building = SparkSession.builder.master("local[2]").appName("conformance").config("spark.jars", jars)
    building = building.config("spark.sql.shuffle.partitions", "2").config("spark.ui.enabled", "false")
    spark = building.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def wait_until(condition, what):
    deadline = time.time() + DEADLINE
    while not condition():
        if time.time() > deadline:
            raise AssertionError(f"waited {DEADLINE} s for {what}")
        time.sleep(0.1)


def equal(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r:.300}, wanted {wanted!r:.300}")


def topic(stem, partitions=3):
    name = f"{stem}-{uuid.uuid4().hex[:6]}"
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    wanted = {"num_partitions": partitions, "replication_factor": min(BROKERS, 3)}
    admin.create_topics({name: wanted}, wait_for_metadata=True)
    admin.close()
    return name


def produce(name, records):
    """Sends (key, value, headers, timestamp)."""
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP)
    for key, value, headers, timestamp in records:
        producer.send(name, value.encode(), key=key.encode(), headers=headers or [], timestamp_ms=timestamp)
    producer.flush()
    producer.close()


def scotsmen(count=60):
    return [(SCOTSMEN[i % len(SCOTSMEN)], f"{i}", [("clan", b"a"), ("clan", b"b")] if i % 2 else None, None) for i in range(count)]


def source(reader, name, **options):
    reader = reader.format("kafka").option("kafka.bootstrap.servers", BOOTSTRAP).option("subscribe", name)
    for key, value in {"startingOffsets": "earliest", **options}.items():
        reader = reader.option(key, value)
    return reader.load()


def strings(frame):
    return frame.select(col("key").cast("string"), col("value").cast("string"))


def batch(spark):
    name = topic("scotsmen")
    produce(name, scotsmen())
    rows = strings(source(spark.read, name)).collect()
    equal(sorted((row.key, row.value) for row in rows), sorted((key, value) for key, value, *_ in scotsmen()), "records")


def headers(spark):
    name = topic("scotsmen")
    produce(name, scotsmen(6))
    rows = source(spark.read, name, includeHeaders="true").collect()
    found = sorted(bytes(row.value).decode() for row in rows if row.headers)
    equal(found, ["1", "3", "5"], "records with headers")
    first = next(row for row in rows if row.headers)
    equal([(header.key, bytes(header.value)) for header in first.headers], [("clan", b"a"), ("clan", b"b")], "headers")


def by_timestamp(spark):
    name, base = topic("bagpipe_sales"), int(time.time() * 1000) - 600_000
    produce(name, [(f"k{i}", f"{i}", None, base + i * 1000) for i in range(60)])
    frame = source(spark.read, name, startingTimestamp=str(base + 40_000), startingOffsetsByTimestampStrategy="latest")
    equal(sorted(int(row.value) for row in strings(frame).collect()), list(range(40, 60)), "records from a time on")


def stream(spark):
    name = topic("scotsmen")
    produce(name, scotsmen(30))
    table = "t" + uuid.uuid4().hex
    query = strings(source(spark.readStream, name)).writeStream.format("memory").queryName(table).start()
    try:
        count = lambda: spark.sql(f"select count(*) from {table}").collect()[0][0]
        wait_until(lambda: count() == 30, "30 records in the stream")
        produce(name, scotsmen(20))
        wait_until(lambda: count() == 50, "50 records in the stream")
    finally:
        query.stop()


def windowed_count(spark):
    name = topic("bagpipe_sales")
    start = (int(time.time()) // 60 - 10) * 60_000
    produce(name, [("pipes", f"{i}", None, start + i * 10_000) for i in range(30)])
    table = "t" + uuid.uuid4().hex
    counted = source(spark.readStream, name).groupBy(window("timestamp", "1 minute")).count()
    query = counted.writeStream.format("memory").outputMode("complete").queryName(table).start()
    try:
        counts = lambda: sorted(row[0] for row in spark.sql(f"select count from {table}").collect())
        wait_until(lambda: counts() == [6, 6, 6, 6, 6], "five windows of six sales")
    finally:
        query.stop()


def resume(spark):
    name, sink, checkpoint = topic("scotsmen"), topic("echo"), tempfile.mkdtemp(prefix="checkpoint-")

    def start():
        writer = strings(source(spark.readStream, name)).writeStream.format("kafka")
        writer = writer.option("kafka.bootstrap.servers", BOOTSTRAP).option("topic", sink)
        return writer.option("checkpointLocation", checkpoint).start()

    def echoed():
        consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP)
        places = [TopicPartition(sink, partition) for partition in range(3)]
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        values = []
        while any(consumer.position(place) < ends[place] for place in places):
            values += [int(record.value) for records in consumer.poll(200).values() for record in records]
        consumer.close()
        return sorted(values)

    send = lambda numbers: produce(name, [(f"k{i % 7}", f"{i}", None, None) for i in numbers])
    try:
        send(range(40))
        query = start()
        wait_until(lambda: len(echoed()) >= 40, "40 records in the other topic")
        query.stop()
        send(range(40, 100))
        query = start()
        wait_until(lambda: len(echoed()) >= 100, "100 records in the other topic")
        query.processAllAvailable()
        query.stop()
        equal(echoed(), list(range(100)), "records in the other topic, none lost and none twice")
    finally:
        shutil.rmtree(checkpoint, ignore_errors=True)


BEHAVIOURS = {
    "spark-batch": batch,
    "spark-headers": headers,
    "spark-by-timestamp": by_timestamp,
    "spark-stream": stream,
    "spark-windowed-count": windowed_count,
    "spark-resume": resume,
}


def main():
    spark = session()
    for name in sys.argv[3:]:
        started = time.time()
        try:
            BEHAVIOURS[name](spark)
            print(f"{name} pass {time.time() - started:.1f}s", flush=True)
        except Exception as error:
            traceback.print_exc()
            print(f"{name} fail {type(error).__name__}: {error}".replace("\n", " ")[:500], flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
