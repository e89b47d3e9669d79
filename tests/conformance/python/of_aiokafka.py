"""aiokafka: the same protocol under asyncio. One loop in a thread serves every behaviour."""

import asyncio
import threading

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import for_code

import members
from harness import Record

CLIENT_ID = "aiokafka"
ASSIGNORS = {
    None: (RoundRobinPartitionAssignor,),
    "range": (RangePartitionAssignor,),
    "roundrobin": (RoundRobinPartitionAssignor,),
    "sticky": (StickyPartitionAssignor,),
}

_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


def run(coroutine, seconds=60):
    return asyncio.run_coroutine_threadsafe(coroutine, _loop).result(seconds)


def made(make):
    """Its classes want to be made inside the running loop."""

    async def inside():
        return make()

    return run(inside())


class Aiokafka:
    name = "aiokafka"
    # It refuses records without key and value, and its sticky assignor balances, but moves what it could leave.
    null_both = sticks = False
    idempotent = sets_timestamps = tells_in_time = True
    static_members = regex_subscription = creates_topics = True
    empty_headers = empty_values = null_headers = config_errors = resets_configs = True
    cannot = {
        "assignor-cooperative": "it has no cooperative assignor",
        **{f"kip848-{what}": "it has no group.protocol option" for what in ("join-leave", "assignors", "static", "regex")},
    }

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.base = {"bootstrap_servers": bootstrap, "client_id": CLIENT_ID}

    def producer(self, acks="all", codec=None, idempotent=False, large=False):
        options = {"acks": acks, "compression_type": codec, "enable_idempotence": idempotent, "linger_ms": 5}
        options["max_request_size"] = 10_000_000 if large else 1_048_576
        return Sender(self.base, **options)

    def transactional_producer(self, transactional_id):
        return Sender(self.base, transactional_id=transactional_id)

    def consumer(self, **options):
        return Reader(self.base, **options)

    def crashing_member(self, group, topic, options):
        return members.crashing("of_aiokafka", "Aiokafka", self.bootstrap, group, topic, options)

    # Admin: it hands out raw responses.

    @property
    def admin(self):
        if not hasattr(self, "_admin"):
            self._admin = made(lambda: AIOKafkaAdminClient(**self.base))
            run(self._admin.start())
        return self._admin

    def refuse(self, code, message=""):
        if code:
            raise for_code(code)(message)

    def create_topic(self, name, partitions, replication, configs):
        response = run(self.admin.create_topics([NewTopic(name, partitions, replication, topic_configs=configs)]))
        for _, code, *message in response.topic_errors:
            self.refuse(code, message[0] if message else "")

    def delete_topic(self, name):
        for _, code, *_ in run(self.admin.delete_topics([name])).topic_error_codes:
            self.refuse(code)

    def list_topics(self):
        return set(run(self.admin.list_topics()))

    def describe_topic(self, name):
        topic = run(self.admin.describe_topics([name]))[0]
        self.refuse(topic["error_code"])
        return sorted((p["partition"], p["leader"], p["replicas"], p["isr"]) for p in topic["partitions"])

    def in_sync(self, name):
        return [len(place[3]) for place in self.describe_topic(name)]

    def create_partitions(self, name, total):
        for _, code, *message in run(self.admin.create_partitions({name: NewPartitions(total)})).topic_errors:
            self.refuse(code, message[0] if message else "")

    def delete_records(self, topic, partition, offset):
        run(self.admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(offset)}))

    def describe_config(self, kind, name):
        entries = {}
        for response in run(self.admin.describe_configs([ConfigResource(kind, name)])):
            for code, message, _, _, found in response.resources:
                self.refuse(code, message)
                entries.update({entry[0]: entry[1] for entry in found})
        return entries

    def alter_config(self, topic, values):
        for response in run(self.admin.alter_configs([ConfigResource("topic", topic, values)])):
            for code, message, *_ in response.resources:
                self.refuse(code, message)

    def describe_cluster(self):
        cluster = run(self.admin.describe_cluster())
        return cluster["cluster_id"], cluster["controller_id"], [broker["node_id"] for broker in cluster["brokers"]]

    def list_groups(self):
        return {group[0] for group in run(self.admin.list_consumer_groups())}

    def describe_group(self, group):
        for response in run(self.admin.describe_consumer_groups([group])):
            for code, _, state, _, _, found, *_ in response.groups:
                self.refuse(code)
                return state, len(found)

    def group_offsets(self, group):
        return {tuple(place): found.offset for place, found in run(self.admin.list_consumer_group_offsets(group)).items()}


class Sender:
    def __init__(self, base, **options):
        self.producer, self.sent = made(lambda: AIOKafkaProducer(**base, **options)), []
        run(self.producer.start())

    def send(self, topic, value, key=None, headers=None, partition=None, timestamp=None):
        sending = self.producer.send(topic, value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp)
        self.sent.append(run(sending))

    def flush(self):
        run(self.producer.flush(), 90)
        sent, self.sent = self.sent, []

        async def all_of_them():
            return [await future for future in sent]

        found = run(all_of_them())
        return [] if not found or found[0] is None else [(place.partition, place.offset) for place in found]

    def begin(self):
        run(self.producer.begin_transaction())

    def commit(self):
        run(self.producer.commit_transaction())

    def abort(self):
        run(self.producer.abort_transaction())

    def send_offsets(self, consumer, topic, partition, offset):
        run(self.producer.send_offsets_to_transaction({TopicPartition(topic, partition): offset}, consumer.group))

    def close(self):
        run(self.producer.stop())

    def abandon(self):
        asyncio.run_coroutine_threadsafe(self.producer.stop(), _loop)


class Listener(ConsumerRebalanceListener):
    def __init__(self, on_assign, on_revoke):
        self.assigned, self.revoked = on_assign, on_revoke

    def on_partitions_assigned(self, assigned):
        self.assigned([tuple(place) for place in assigned])

    def on_partitions_revoked(self, revoked):
        self.revoked([tuple(place) for place in revoked])


class Reader:
    def __init__(
        self, base, group=None, reset="earliest", isolation="read_uncommitted", auto_commit=False, assignor=None, instance=None,
        session_ms=None, heartbeat_ms=None, on_assign=None, on_revoke=None, max_records=None, fetch_wait_ms=200,
    ):
        self.group = group
        self.consumer = made(
            lambda: AIOKafkaConsumer(
                **base, group_id=group, auto_offset_reset=reset, isolation_level=isolation, enable_auto_commit=auto_commit,
                partition_assignment_strategy=ASSIGNORS[assignor], group_instance_id=instance, metadata_max_age_ms=5000,
                session_timeout_ms=session_ms or 10_000, heartbeat_interval_ms=heartbeat_ms or 3000,
                fetch_max_wait_ms=fetch_wait_ms, max_poll_records=max_records,
            )
        )
        self.listener = Listener(on_assign, on_revoke) if on_assign else None
        run(self.consumer.start())

    def assign(self, places):
        async def place_it():
            self.consumer.assign([TopicPartition(topic, partition) for topic, partition, _ in places])
            for topic, partition, offset in places:
                self.consumer.seek(TopicPartition(topic, partition), offset)

        run(place_it())

    def subscribe(self, topics):
        async def subscribe():
            if topics[0].startswith("^"):
                self.consumer.subscribe(pattern=topics[0], listener=self.listener)
            else:
                self.consumer.subscribe(topics, listener=self.listener)

        run(subscribe())

    def poll(self, seconds):
        return [
            Record(m.topic, m.partition, m.offset, m.key, m.value, list(m.headers), m.timestamp)
            for messages in run(self.consumer.getmany(timeout_ms=int(seconds * 1000))).values()
            for m in messages
        ]

    async def now(self, action, *args):
        return action(*args)

    def seek(self, topic, partition, offset):
        run(self.now(self.consumer.seek, TopicPartition(topic, partition), offset))

    def pause(self, topic, partition):
        run(self.now(self.consumer.pause, TopicPartition(topic, partition)))

    def resume(self, topic, partition):
        run(self.now(self.consumer.resume, TopicPartition(topic, partition)))

    def commit(self, topic, partition, offset):
        run(self.consumer.commit({TopicPartition(topic, partition): offset}))

    def committed(self, topic, partition):
        return run(self.consumer.committed(TopicPartition(topic, partition)))

    def offset_for_time(self, topic, partition, timestamp):
        place = TopicPartition(topic, partition)
        found = run(self.consumer.offsets_for_times({place: timestamp}))[place]
        return found and found.offset

    def watermarks(self, topic, partition):
        place = TopicPartition(topic, partition)
        return run(self.consumer.beginning_offsets([place]))[place], run(self.consumer.end_offsets([place]))[place]

    def close(self):
        run(self.consumer.stop())
