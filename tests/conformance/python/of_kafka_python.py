"""kafka-python: the protocol in Python alone."""

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, MemberToRemove, OffsetSpec
from kafka.admin._transactions import AbortTransactionSpec
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.structs import OffsetAndMetadata

import members
from harness import Record

CLIENT_ID = "kafka-python"
ASSIGNORS = {
    None: [RangePartitionAssignor, RoundRobinPartitionAssignor],
    "range": [RangePartitionAssignor],
    "roundrobin": [RoundRobinPartitionAssignor],
    "sticky": [StickyPartitionAssignor],
    "cooperative-sticky": [CooperativeStickyAssignor],
}


class KafkaPython:
    name = "kafka-python"
    sticks = True
    #: It refuses these before they reach a broker.
    null_both = null_headers = False
    #: It drops the error of a resource, and its old call names every config that has a value.
    config_errors = resets_configs = False
    idempotent = sets_timestamps = tells_in_time = True
    static_members = regex_subscription = creates_topics = True
    empty_headers = empty_values = True
    cannot = {
        "txn-failover": "it waits for a transaction coordinator that is gone, and never asks for the next one",
        **{f"kip848-{what}": "it has no group.protocol option" for what in ("join-leave", "assignors", "static", "regex")},
    }

    def __init__(self, bootstrap, client_id=CLIENT_ID):
        self.bootstrap = bootstrap
        self.base = {"bootstrap_servers": bootstrap, "client_id": client_id}

    def producer(self, acks="all", codec=None, idempotent=False, large=False):
        return Sender(
            KafkaProducer(
                **self.base, acks=acks, compression_type=codec, enable_idempotence=idempotent, linger_ms=5,
                max_request_size=10_000_000 if large else 1_048_576,
            )
        )

    def transactional_producer(self, transactional_id):
        producer = KafkaProducer(**self.base, transactional_id=transactional_id)
        producer.init_transactions()
        return Sender(producer)

    def consumer(self, **options):
        return Reader(self.base, **options)

    def crashing_member(self, group, topic, options):
        return members.crashing("of_kafka_python", "KafkaPython", self.bootstrap, group, topic, options)

    # Admin.

    @property
    def admin(self):
        if not hasattr(self, "_admin"):
            self._admin = KafkaAdminClient(**self.base)
        return self._admin

    def create_topic(self, name, partitions, replication, configs, wait=False):
        wanted = {"num_partitions": partitions, "replication_factor": replication, "configs": configs}
        self.admin.create_topics({name: wanted}, wait_for_metadata=wait)

    def delete_topic(self, name):
        self.admin.delete_topics([name])

    def list_topics(self):
        return set(self.admin.list_topics())

    def describe_topic(self, name):
        topic = self.admin.describe_topics([name])[0]
        assert topic["partitions"], f"{topic}"
        places = [(p["partition_index"], p["leader_id"], p["replica_nodes"], p["isr_nodes"]) for p in topic["partitions"]]
        return sorted(places)

    def in_sync(self, name):
        return [len(place[3]) for place in self.describe_topic(name)]

    def create_partitions(self, name, total):
        self.admin.create_partitions({name: total})

    def delete_records(self, topic, partition, offset):
        self.admin.delete_records({TopicPartition(topic, partition): offset})

    def describe_config(self, kind, name):
        found = self.admin.describe_configs([ConfigResource(kind, name)], config_filter="all")
        return {key: entry["value"] for key, entry in found[kind][name].items()}

    def alter_config(self, topic, values):
        self.altered(self.admin.alter_configs([ConfigResource("topic", topic, values)], incremental=False))

    def incremental_config(self, topic, values, removed):
        changes = {**values, **{key: ("DELETE", None) for key in removed}}
        self.altered(self.admin.alter_configs([ConfigResource("topic", topic, changes)], incremental=True))

    def altered(self, results):
        for result in results["topic"].values():
            if result != "OK":
                raise RuntimeError(result)

    def config_resources(self, kind):
        return self.admin.list_config_resources([kind])[kind]

    def describe_cluster(self):
        cluster = self.admin.describe_cluster()
        return cluster["cluster_id"], cluster["controller_id"], [broker["broker_id"] for broker in cluster["brokers"]]

    def log_dirs(self, topic):
        sizes = []
        for broker in self.admin.describe_log_dirs([topic]):
            for folder in broker["log_dirs"]:
                for found in folder["topics"]:
                    sizes += [(p["partition_index"], p["partition_size"]) for p in found["partitions"]]
        return sizes

    def list_offsets(self, topic, partition, spec):
        kinds = {"earliest": OffsetSpec.EARLIEST, "latest": OffsetSpec.LATEST, "max-timestamp": OffsetSpec.MAX_TIMESTAMP}
        place = TopicPartition(topic, partition)
        return self.admin.list_partition_offsets({place: kinds.get(spec, spec)})[place].offset

    def elect_leader(self, topic, partition):
        result = self.admin.elect_leaders(0, {topic: [partition]})
        codes = [p.error_code for t in result.replica_election_results for p in t.partition_result]
        if codes == [84]:
            raise RuntimeError("ELECTION_NOT_NEEDED")

    def reassign(self, topic, partition, replicas):
        for error in self.admin.alter_partition_reassignments({TopicPartition(topic, partition): replicas}).values():
            if error:
                raise error()

    def reassignments(self, topic):
        return [place for place in self.admin.list_partition_reassignments() if place.topic == topic]

    def list_groups(self):
        return {group["group_id"] for group in self.admin.list_groups()}

    def describe_group(self, group):
        found = self.admin.describe_groups([group])[group]
        return found["group_state"], len(found["members"])

    def delete_group(self, group):
        result = self.admin.delete_groups([group])[group]
        if result != "OK":
            raise RuntimeError(result)

    def group_offsets(self, group):
        return {tuple(place): found.offset for place, found in self.admin.list_group_offsets(group)[group].items()}

    def alter_group_offset(self, group, topic, partition, offset):
        wanted = {TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)}
        self.refuse(self.admin.alter_group_offsets(group, wanted))

    def delete_group_offset(self, group, topic, partition):
        self.refuse(self.admin.delete_group_offsets(group, [TopicPartition(topic, partition)]))

    def remove_member(self, group, instance):
        self.refuse(self.admin.remove_group_members(group, [MemberToRemove(group_instance_id=instance)]))

    def refuse(self, results):
        for error in results.values():
            if error.errno:
                raise error()

    def producers(self, topic, partition):
        place = TopicPartition(topic, partition)
        found = self.admin.describe_producers([place])[place].active_producers
        return [(state.producer_id, state.producer_epoch, state.last_sequence) for state in found]

    def describe_transaction(self, name):
        found = self.admin.describe_transactions([name])[name]
        return found.state.value, sorted(tuple(place) for place in found.topic_partitions)

    def list_transactions(self):
        listed = self.admin.list_transactions()
        return {each.transactional_id: each.state.value for rows in listed.values() for each in rows}

    def abort_transaction(self, topic, partition):
        place = TopicPartition(topic, partition)
        for state in self.admin.describe_producers([place])[place].active_producers:
            if state.current_transaction_start_offset >= 0:
                self.admin.abort_transaction(AbortTransactionSpec(place, state.producer_id, state.producer_epoch))

    def quorum(self):
        partition = self.admin.describe_metadata_quorum()["topics"][0]["partitions"][0]
        return partition["leader_id"], [voter["replica_id"] for voter in partition["current_voters"]]

    def features(self):
        return set(self.admin.describe_features())


class Sender:
    def __init__(self, producer):
        self.producer, self.sent = producer, []

    def send(self, topic, value, key=None, headers=None, partition=None, timestamp=None):
        self.sent.append(
            self.producer.send(topic, value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp)
        )

    def flush(self):
        self.producer.flush(60)
        sent, self.sent = self.sent, []
        found = [future.get(60) for future in sent]
        return [] if found and found[0].offset < 0 else [(place.partition, place.offset) for place in found]

    def begin(self):
        self.producer.begin_transaction()

    def commit(self):
        self.producer.commit_transaction()

    def abort(self):
        self.producer.abort_transaction()

    def send_offsets(self, consumer, topic, partition, offset):
        places = {TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)}
        self.producer.send_offsets_to_transaction(places, consumer.consumer.group_metadata())

    def close(self):
        self.producer.close(10)

    def abandon(self):
        self.producer.close(0)


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
        session_ms=None, heartbeat_ms=None, on_assign=None, on_revoke=None, max_records=500, fetch_wait_ms=200,
    ):
        self.consumer = KafkaConsumer(
            **base, group_id=group, auto_offset_reset=reset, isolation_level=isolation, enable_auto_commit=auto_commit,
            partition_assignment_strategy=ASSIGNORS[assignor], group_instance_id=instance, max_poll_records=max_records,
            session_timeout_ms=session_ms or 10_000, heartbeat_interval_ms=heartbeat_ms or 3000, fetch_max_wait_ms=fetch_wait_ms,
            metadata_max_age_ms=5000,
        )
        self.listener = Listener(on_assign, on_revoke) if on_assign else None
        self.in_group = False

    def assign(self, places):
        self.consumer.assign([TopicPartition(topic, partition) for topic, partition, _ in places])
        for topic, partition, offset in places:
            self.consumer.seek(TopicPartition(topic, partition), offset)

    def subscribe(self, topics):
        self.in_group = True
        if topics[0].startswith("^"):
            self.consumer.subscribe(pattern=topics[0], listener=self.listener)
        else:
            self.consumer.subscribe(topics, listener=self.listener)

    def poll(self, seconds):
        # A poll that runs out while the group rebalances loses the answer to its join, for good.
        seconds = max(seconds, 2.0) if self.in_group else seconds
        return [
            Record(m.topic, m.partition, m.offset, m.key, m.value, list(m.headers), m.timestamp)
            for messages in self.consumer.poll(int(seconds * 1000)).values()
            for m in messages
        ]

    def seek(self, topic, partition, offset):
        self.consumer.seek(TopicPartition(topic, partition), offset)

    def pause(self, topic, partition):
        self.consumer.pause(TopicPartition(topic, partition))

    def resume(self, topic, partition):
        self.consumer.resume(TopicPartition(topic, partition))

    def commit(self, topic, partition, offset):
        self.consumer.commit({TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)})

    def committed(self, topic, partition):
        return self.consumer.committed(TopicPartition(topic, partition))

    def offset_for_time(self, topic, partition, timestamp):
        place = TopicPartition(topic, partition)
        found = self.consumer.offsets_for_times({place: timestamp})[place]
        return found and found.offset

    def watermarks(self, topic, partition):
        place = TopicPartition(topic, partition)
        return self.consumer.beginning_offsets([place])[place], self.consumer.end_offsets([place])[place]

    def close(self):
        self.consumer.close()
