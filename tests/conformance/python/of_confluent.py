"""confluent-kafka, which is librdkafka for Python."""

import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import ConsumerGroupTopicPartitions, ElectionType, TopicCollection
from confluent_kafka import admin as kadmin

import members
from harness import Record

CLIENT_ID = "confluent-kafka"


class Confluent:
    name = "confluent"
    null_both = sticks = True
    idempotent = sets_timestamps = tells_in_time = True
    static_members = consumer_protocol = regex_subscription = creates_topics = True
    empty_headers = empty_values = null_headers = config_errors = resets_configs = True
    cannot = {"assignor-sticky": "librdkafka has no eager sticky assignor"}

    def __init__(self, bootstrap):
        self.base = {"bootstrap.servers": bootstrap, "client.id": CLIENT_ID, "topic.metadata.refresh.interval.ms": 1000}
        self.bootstrap = bootstrap

    def producer(self, acks="all", codec="none", idempotent=False, large=False):
        conf = dict(self.base, **{"acks": acks, "compression.type": codec, "enable.idempotence": idempotent, "linger.ms": 5})
        conf["message.max.bytes"] = 10_000_000 if large else 1_100_000
        return Sender(Producer(conf))

    def transactional_producer(self, transactional_id):
        sender = Sender(Producer(dict(self.base, **{"transactional.id": transactional_id})))
        sender.producer.init_transactions(30)
        return sender

    def consumer(self, **options):
        return Reader(self.base, **options)

    def crashing_member(self, group, topic, options):
        return members.crashing("of_confluent", "Confluent", self.bootstrap, group, topic, options)

    # Admin.

    @property
    def admin(self):
        if not hasattr(self, "_admin"):
            self._admin = kadmin.AdminClient(dict(self.base))
        return self._admin

    def create_topic(self, name, partitions, replication, configs):
        for future in self.admin.create_topics([kadmin.NewTopic(name, partitions, replication, config=configs)]).values():
            future.result(30)

    def delete_topic(self, name):
        self.admin.delete_topics([name])[name].result(30)

    def list_topics(self):
        return set(self.admin.list_topics(timeout=20).topics)

    def describe_topic(self, name):
        topic = self.admin.describe_topics(TopicCollection([name]))[name].result(30)
        ids = lambda nodes: [node.id for node in nodes]
        return [(p.id, p.leader.id if p.leader else -1, ids(p.replicas), ids(p.isr)) for p in topic.partitions]

    def in_sync(self, name):
        partitions = self.admin.list_topics(timeout=20).topics[name].partitions
        return [len(partitions[p].isrs) for p in sorted(partitions)]

    def create_partitions(self, name, total):
        self.admin.create_partitions([kadmin.NewPartitions(name, total)])[name].result(30)

    def delete_records(self, topic, partition, offset):
        for future in self.admin.delete_records([TopicPartition(topic, partition, offset)]).values():
            future.result(30)

    def describe_config(self, kind, name):
        resource = kadmin.ConfigResource(kind, name)
        return {key: entry.value for key, entry in self.admin.describe_configs([resource])[resource].result(30).items()}

    def alter_config(self, topic, values):
        resource = kadmin.ConfigResource("topic", topic, set_config=values)
        self.admin.alter_configs([resource])[resource].result(30)

    def incremental_config(self, topic, values, removed):
        kind = kadmin.AlterConfigOpType
        entries = [kadmin.ConfigEntry(key, value, incremental_operation=kind.SET) for key, value in values.items()]
        entries += [kadmin.ConfigEntry(key, None, incremental_operation=kind.DELETE) for key in removed]
        resource = kadmin.ConfigResource("topic", topic, incremental_configs=entries)
        self.admin.incremental_alter_configs([resource])[resource].result(30)

    def describe_cluster(self):
        cluster = self.admin.describe_cluster().result(30)
        return cluster.cluster_id, cluster.controller.id, [node.id for node in cluster.nodes]

    def list_offsets(self, topic, partition, spec):
        kinds = {
            "earliest": kadmin.OffsetSpec.earliest,
            "latest": kadmin.OffsetSpec.latest,
            "max-timestamp": kadmin.OffsetSpec.max_timestamp,
        }
        wanted = kinds[spec]() if spec in kinds else kadmin.OffsetSpec.for_timestamp(spec)
        place = TopicPartition(topic, partition)
        return self.admin.list_offsets({place: wanted})[place].result(30).offset

    def elect_leader(self, topic, partition):
        result = self.admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(topic, partition)]).result(30)
        for error in result.values():
            if error is not None:
                raise KafkaException(error)

    def list_groups(self):
        return {group.group_id for group in self.admin.list_consumer_groups().result(30).valid}

    def describe_group(self, group):
        found = self.admin.describe_consumer_groups([group])[group].result(30)
        return found.state.name.capitalize(), len(found.members)

    def delete_group(self, group):
        self.admin.delete_consumer_groups([group])[group].result(30)

    def group_offsets(self, group):
        found = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(30)
        return {(place.topic, place.partition): place.offset for place in found.topic_partitions}

    def alter_group_offset(self, group, topic, partition, offset):
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
        for place in self.admin.alter_consumer_group_offsets([asked])[group].result(30).topic_partitions:
            if place.error:
                raise KafkaException(place.error)


class Sender:
    def __init__(self, producer):
        self.producer, self.sent = producer, []

    def send(self, topic, value, key=None, headers=None, partition=-1, timestamp=0):
        place = []
        self.sent.append(place)
        delivered = lambda error, message: place.append(error or (message.partition(), message.offset()))
        while True:
            try:
                self.producer.produce(
                    topic, value, key, partition=partition, headers=headers, timestamp=timestamp, on_delivery=delivered
                )
                break
            except BufferError:
                self.producer.poll(0.1)
        self.producer.poll(0)

    def flush(self):
        left = self.producer.flush(60)
        if left:
            raise AssertionError(f"{left} records were not delivered in time")
        sent, self.sent = self.sent, []
        for place in sent:
            if not isinstance(place[0], tuple):
                raise KafkaException(place[0])
        return [place[0] for place in sent]

    def begin(self):
        self.producer.begin_transaction()

    def commit(self):
        self.again(self.producer.commit_transaction)

    def abort(self):
        self.again(self.producer.abort_transaction)

    def again(self, action):
        """Commit and abort say themselves whether they may be tried again."""
        deadline = time.time() + 45
        while True:
            try:
                return action(30)
            except KafkaException as error:
                if not error.args[0].retriable() or time.time() > deadline:
                    raise

    def send_offsets(self, consumer, topic, partition, offset):
        place = TopicPartition(topic, partition, offset)
        self.producer.send_offsets_to_transaction([place], consumer.consumer.consumer_group_metadata(), 30)

    def close(self):
        self.producer.flush(10)

    def abandon(self):
        pass


class Reader:
    def __init__(
        self, base, group=None, reset="earliest", isolation="read_uncommitted", auto_commit=False, assignor=None, instance=None,
        protocol=None, remote_assignor=None, session_ms=None, heartbeat_ms=None, on_assign=None, on_revoke=None, max_records=1,
        fetch_wait_ms=200,
    ):
        conf = {
            "group.id": group or "none",
            "auto.offset.reset": reset,
            "isolation.level": isolation,
            "enable.auto.commit": auto_commit,
            "partition.assignment.strategy": assignor,
            "group.instance.id": instance,
            "group.protocol": protocol,
            "group.remote.assignor": remote_assignor,
            "session.timeout.ms": session_ms,
            "heartbeat.interval.ms": heartbeat_ms,
            "fetch.wait.max.ms": fetch_wait_ms,
        }
        self.consumer = Consumer(dict(base, **{key: value for key, value in conf.items() if value is not None}))
        self.cooperative = assignor == "cooperative-sticky" or protocol == "consumer"
        self.on_assign, self.on_revoke = on_assign, on_revoke

    def assign(self, places):
        places = [(t, p, OFFSET_BEGINNING if o == 0 else o) for t, p, o in places]
        self.consumer.assign([TopicPartition(*place) for place in places])

    def subscribe(self, topics):
        named = lambda places: [(place.topic, place.partition) for place in places]

        def assigned(_, places):
            (self.consumer.incremental_assign if self.cooperative else self.consumer.assign)(places)
            if self.on_assign:
                self.on_assign(named(places))

        def revoked(_, places):
            if self.on_revoke:
                self.on_revoke(named(places))
            if self.cooperative:
                self.consumer.incremental_unassign(places)
            else:
                self.consumer.unassign()

        self.consumer.subscribe(topics, on_assign=assigned, on_revoke=revoked, on_lost=revoked)

    def poll(self, seconds):
        records = []
        for message in self.consumer.consume(500, seconds):
            if message.error():
                if message.error().retriable() or message.error().code() in (-193, -195, -187, 3):
                    continue
                raise KafkaException(message.error())
            records.append(
                Record(
                    message.topic(), message.partition(), message.offset(), message.key(), message.value(),
                    message.headers() or [], message.timestamp()[1],
                )
            )
        return records

    def seek(self, topic, partition, offset):
        self.consumer.seek(TopicPartition(topic, partition, offset))

    def pause(self, topic, partition):
        self.consumer.pause([TopicPartition(topic, partition)])

    def resume(self, topic, partition):
        self.consumer.resume([TopicPartition(topic, partition)])

    def commit(self, topic, partition, offset):
        for place in self.consumer.commit(offsets=[TopicPartition(topic, partition, offset)], asynchronous=False):
            if place.error:
                raise KafkaException(place.error)

    def committed(self, topic, partition):
        return self.consumer.committed([TopicPartition(topic, partition)], 20)[0].offset

    def offset_for_time(self, topic, partition, timestamp):
        return self.consumer.offsets_for_times([TopicPartition(topic, partition, timestamp)], 20)[0].offset

    def watermarks(self, topic, partition):
        return self.consumer.get_watermark_offsets(TopicPartition(topic, partition), 20)

    def close(self):
        self.consumer.close()
