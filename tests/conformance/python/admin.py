"""What a client can ask of the cluster itself, and that what it changed is so afterwards."""

import time

from failover import down
from groups import QUICK, Ledger, Member, hold
from harness import behaviour, check, equal, eventually, fails_with, poll_until, wait_until
from records import numbered


def settled_group(ctx, count=10):
    """A group with a committed offset and no member left."""
    topic, group = ctx.topic(), ctx.fresh("g")
    ctx.produce(topic, numbered(count))
    consumer = ctx.client.consumer(group=group, **QUICK)
    consumer.subscribe([topic])
    poll_until(consumer, count)
    consumer.commit(topic, 0, count)
    consumer.close()
    return topic, group


def offsets(ctx, topic):
    consumer = ctx.client.consumer()
    try:
        return tuple(consumer.watermarks(topic, 0))
    finally:
        consumer.close()


@behaviour("admin-create-topics", needs=("creates_topics",))
def create_topics(ctx):
    name = ctx.topic(3, configs={"retention.ms": "86400000"})
    wait_until(lambda: name in ctx.client.list_topics(), "the new topic among the topics")
    again = lambda: ctx.client.create_topic(name, 1, 1, {})
    fails_with(again, ["TOPIC_ALREADY_EXISTS", "TopicAlreadyExists", "already exists"], "creating it again")
    too_many = lambda: ctx.client.create_topic(ctx.fresh(), 1, ctx.brokers + 1, {})
    fails_with(too_many, ["INVALID_REPLICATION_FACTOR", "InvalidReplicationFactor", "Replication factor"], "more replicas than brokers")
    odd = lambda: ctx.client.create_topic(ctx.fresh(), 1, 1, {"no.such.config": "1"})
    fails_with(odd, ["INVALID_CONFIG", "InvalidConfig", "Unknown topic config"], "a config that does not exist")
    strange = lambda: ctx.client.create_topic("what?!", 1, 1, {})
    fails_with(strange, ["INVALID_TOPIC", "InvalidTopic", "TOPIC_EXCEPTION"], "a name that no topic may have")


@behaviour("admin-delete-topics", needs=("delete_topic",))
def delete_topics(ctx):
    name = ctx.topic()
    wait_until(lambda: name in ctx.client.list_topics(), "the topic among the topics")
    ctx.client.delete_topic(name)
    wait_until(lambda: name not in ctx.client.list_topics(), "the topic gone")
    gone = lambda: ctx.client.delete_topic(name)
    fails_with(gone, ["UNKNOWN_TOPIC", "UnknownTopic", "Unknown topic", "does not host"], "deleting it again")


@behaviour("admin-describe-topics", needs=("describe_topic",))
def describe_topics(ctx):
    name = ctx.topic(4)
    partitions = wait_until(lambda: [p for p in ctx.client.describe_topic(name) if p[1] > 0], "leaders")
    equal([p[0] for p in partitions], [0, 1, 2, 3], "partitions")
    for _, leader, replicas, isr in partitions:
        equal(len(replicas), min(ctx.brokers, 3), "replicas")
        equal(replicas[0], leader, "the leader is the preferred one")
        equal(sorted(isr), sorted(replicas), "in-sync replicas")


@behaviour("admin-create-partitions", needs=("create_partitions",))
def create_partitions(ctx):
    name = ctx.topic(2)
    ctx.client.create_partitions(name, 5)
    wait_until(lambda: len(ctx.client.describe_topic(name)) == 5, "five partitions")
    fewer = lambda: ctx.client.create_partitions(name, 3)
    fails_with(fewer, ["INVALID_PARTITIONS", "InvalidPartitions", "Invalid partitions", "would not be an increase"], "fewer partitions")
    wait_until(lambda: ctx.produce(name, [{"key": b"k", "value": b"v", "partition": 4}]) is not None, "a record in the new partition")
    equal(len(ctx.read(name, 1, 5)), 1, "records in the new partition")


@behaviour("admin-delete-records", needs=("delete_records",))
def delete_records(ctx):
    name = ctx.topic()
    ctx.produce(name, numbered(20))
    ctx.client.delete_records(name, 0, 15)
    equal(offsets(ctx, name), (15, 20), "first offset and end after deleting up to 15")
    beyond = lambda: ctx.client.delete_records(name, 0, 100)
    fails_with(beyond, ["OFFSET_OUT_OF_RANGE", "OffsetOutOfRange", "out of range"], "deleting beyond the end")


@behaviour("admin-describe-configs", needs=("describe_config",))
def describe_configs(ctx):
    name = ctx.topic(configs={"retention.ms": "123456789"})
    config = eventually(lambda: ctx.client.describe_config("topic", name))
    equal(config.get("retention.ms"), "123456789", "retention.ms of the topic")
    equal(config.get("cleanup.policy", "delete"), "delete", "cleanup.policy of the topic")
    broker = ctx.client.describe_config("broker", "1")
    check("log.segment.bytes" in broker, f"configs of a broker: {sorted(broker)[:5]}")
    odd = lambda: ctx.client.describe_config("topic", ctx.fresh())
    if ctx.client.config_errors:
        fails_with(odd, ["UNKNOWN_TOPIC", "UnknownTopic", "Unknown topic", "does not host"], "a topic that does not exist")


@behaviour("admin-alter-configs", needs=("alter_config",))
def alter_configs(ctx):
    """The old call: what is not named goes back to its default."""
    name = ctx.topic(configs={"retention.ms": "123456789"})
    eventually(lambda: ctx.client.alter_config(name, {"max.message.bytes": "54321"}))
    wait_until(lambda: ctx.client.describe_config("topic", name).get("max.message.bytes") == "54321", "the new value")
    left = ctx.client.describe_config("topic", name).get("retention.ms")
    if not ctx.client.resets_configs:
        return
    check(left in (None, "604800000"), f"retention.ms, not named, is back at its default, but is {left}")


@behaviour("admin-incremental-configs", needs=("incremental_config",))
def incremental_configs(ctx):
    name = ctx.topic(configs={"retention.ms": "123456789"})
    eventually(lambda: ctx.client.incremental_config(name, {"max.message.bytes": "54321"}, []))
    wait_until(lambda: ctx.client.describe_config("topic", name).get("max.message.bytes") == "54321", "the new value")
    equal(ctx.client.describe_config("topic", name).get("retention.ms"), "123456789", "retention.ms, not named")
    ctx.client.incremental_config(name, {}, ["retention.ms"])
    wait_until(lambda: ctx.client.describe_config("topic", name).get("retention.ms") in (None, "604800000"), "the default again")
    wrong = lambda: ctx.client.incremental_config(name, {"retention.ms": "soon"}, [])
    fails_with(wrong, ["INVALID_CONFIG", "InvalidConfig", "Invalid value"], "a value that is no number")


@behaviour("admin-list-config-resources", needs=("config_resources",))
def list_config_resources(ctx):
    name = ctx.topic()
    wait_until(lambda: name in ctx.client.config_resources("topic"), "the topic among what has configs")


@behaviour("admin-describe-cluster", needs=("describe_cluster",))
def describe_cluster(ctx):
    cluster, controller, brokers = ctx.client.describe_cluster()
    check(cluster and len(cluster) == 22, f"cluster id {cluster}")
    equal(sorted(brokers), list(range(1, ctx.brokers + 1)), "brokers")
    check(controller in brokers, f"controller {controller}")


@behaviour("admin-log-dirs", needs=("log_dirs",))
def log_dirs(ctx):
    name = ctx.topic(2)
    ctx.produce(name, [{"key": b"k", "value": b"x" * 1000, "partition": 0}])
    sizes = ctx.client.log_dirs(name)
    equal(len(sizes), 2 * min(ctx.brokers, 3), "replicas found")
    check(max(size for _, size in sizes) >= 1000, f"sizes {sizes}")


@behaviour("admin-list-offsets", needs=("list_offsets",))
def list_offsets(ctx):
    name, newest = ctx.topic(), int(time.time() * 1000)
    ctx.produce(name, [dict(record, timestamp=newest - i) for i, record in enumerate(numbered(10))])
    equal(ctx.client.list_offsets(name, 0, "earliest"), 0, "earliest")
    equal(ctx.client.list_offsets(name, 0, "latest"), 10, "latest")
    equal(ctx.client.list_offsets(name, 0, "max-timestamp"), 0, "offset of the highest timestamp")
    equal(ctx.client.list_offsets(name, 0, newest - 3), 0, "first offset at or after a time")


@behaviour("admin-elect-leaders", needs=("elect_leader",))
def elect_leaders(ctx):
    name = ctx.topic()
    fails_with(lambda: ctx.client.elect_leader(name, 0), ["ELECTION_NOT_NEEDED", "ElectionNotNeeded", "not needed"], "the preferred leader leads")


@behaviour("admin-reassign", needs=("reassign",), brokers=3)
def reassign(ctx):
    name = ctx.topic(replication=1)
    ctx.produce(name, numbered(20))
    old = ctx.client.describe_topic(name)[0][2]
    new = [1 if old != [1] else 2, 3 if old != [3] else 2]
    ctx.client.reassign(name, 0, new)
    wait_until(lambda: ctx.client.reassignments(name) == [], "the end of the reassignment")
    wait_until(lambda: sorted(ctx.client.describe_topic(name)[0][3]) == sorted(new), "the new replicas in sync")
    wait_until(lambda: ctx.client.describe_topic(name)[0][2] == new, "the new replicas")
    equal(len(ctx.read(name, 20)), 20, "records after moving")
    fails_with(lambda: ctx.client.reassign(name, 0, [77]), ["INVALID_REPLICA_ASSIGNMENT", "InvalidReplicaAssignment", "InvalidReplicationAssignment", "Invalid replica", "Replica assignment"], "a broker that does not exist")


@behaviour("admin-list-groups", needs=("list_groups",))
def list_groups(ctx):
    _, group = settled_group(ctx)
    wait_until(lambda: group in ctx.client.list_groups(), "the group among the groups")


@behaviour("admin-describe-groups", needs=("describe_group",))
def describe_groups(ctx):
    topic, group = ctx.topic(2), ctx.fresh("g")
    member = Member(ctx, Ledger(), "first", [topic], group=group, **QUICK)
    hold([member], [2])
    wait_until(lambda: ctx.client.describe_group(group) == ("Stable", 1), lambda: f"one member in a stable group, not {ctx.client.describe_group(group)}")
    member.leave()
    wait_until(lambda: ctx.client.describe_group(group) == ("Empty", 0), lambda: f"an empty group, not {ctx.client.describe_group(group)}")


@behaviour("admin-delete-groups", needs=("delete_group",))
def delete_groups(ctx):
    topic, group = settled_group(ctx)
    ctx.client.delete_group(group)
    check(group not in ctx.client.list_groups(), "the group is gone")
    gone = lambda: ctx.client.delete_group(group)
    fails_with(gone, ["GROUP_ID_NOT_FOUND", "GroupIdNotFound", "not found", "does not exist"], "deleting it again")
    busy = ctx.fresh("g")
    member = Member(ctx, Ledger(), "first", [topic], group=busy, **QUICK)
    hold([member], [1])
    fails_with(lambda: ctx.client.delete_group(busy), ["NON_EMPTY_GROUP", "GroupNotEmpty", "NonEmptyGroup", "not empty"], "deleting a group with members")
    member.leave()


@behaviour("admin-group-offsets", needs=("group_offsets",))
def group_offsets(ctx):
    topic, group = settled_group(ctx)
    equal(ctx.client.group_offsets(group).get((topic, 0)), 10, "the committed offset")


@behaviour("admin-alter-group-offsets", needs=("alter_group_offset",))
def alter_group_offsets(ctx):
    topic, group = settled_group(ctx)
    ctx.client.alter_group_offset(group, topic, 0, 4)
    equal(ctx.client.group_offsets(group).get((topic, 0)), 4, "the altered offset")
    consumer = ctx.client.consumer(group=group, **QUICK)
    try:
        consumer.subscribe([topic])
        equal(poll_until(consumer, 6)[0].offset, 4, "where the group goes on")
    finally:
        consumer.close()


@behaviour("admin-delete-group-offsets", needs=("delete_group_offset",))
def delete_group_offsets(ctx):
    topic, group = settled_group(ctx)
    ctx.client.delete_group_offset(group, topic, 0)
    check(ctx.client.group_offsets(group).get((topic, 0)) in (None, -1), "the offset is gone")


@behaviour("admin-remove-members", needs=("remove_member", "static_members"))
def remove_members(ctx):
    topic, group = ctx.topic(2), ctx.fresh("g")
    member = Member(ctx, Ledger(), "first", [topic], group=group, instance="one", session_ms=30_000, heartbeat_ms=300)
    hold([member], [2])
    member.leave()
    equal(ctx.client.describe_group(group)[1], 1, "members while the static one is away")
    ctx.client.remove_member(group, "one")
    wait_until(lambda: ctx.client.describe_group(group) == ("Empty", 0), "an empty group")


@behaviour("admin-producers", needs=("producers",))
def producers(ctx):
    topic = ctx.topic()
    ctx.produce(topic, numbered(7), idempotent=True)
    found = ctx.client.producers(topic, 0)
    equal(len(found), 1, "producers of the partition")
    producer, epoch, sequence = found[0]
    check(producer >= 0 and epoch == 0 and sequence == 6, f"producer, epoch and last sequence: {found[0]}")


@behaviour("admin-transactions", needs=("describe_transaction", "transactional_producer"))
def transactions(ctx):
    topic, name = ctx.topic(), ctx.fresh("id")
    producer = ctx.client.transactional_producer(name)
    try:
        producer.begin()
        for record in numbered(3):
            producer.send(topic, **record)
        producer.flush()
        equal(ctx.client.describe_transaction(name), ("Ongoing", [(topic, 0)]), "the open transaction")
        equal(ctx.client.list_transactions().get(name), "Ongoing", "the open transaction in the list")
        producer.commit()
        wait_until(lambda: ctx.client.describe_transaction(name) == ("CompleteCommit", []), "the end of the transaction")
    finally:
        producer.close()


@behaviour("admin-abort-transaction", needs=("abort_transaction", "transactional_producer"))
def abort_transaction(ctx):
    topic, name = ctx.topic(), ctx.fresh("id")
    producer = ctx.client.transactional_producer(name)
    producer.begin()
    for record in numbered(3):
        producer.send(topic, **record)
    producer.flush()
    ctx.client.abort_transaction(topic, 0)
    ctx.produce(topic, numbered(2, prefix="after"))
    got = ctx.read(topic, 2, isolation="read_committed")
    equal([record.value for record in got], [b"after0", b"after1"], "what read_committed sees")
    producer.abandon()


@behaviour("admin-quorum", needs=("quorum",))
def quorum(ctx):
    leader, voters = ctx.client.quorum()
    check(leader in voters, f"leader {leader} among voters {voters}")


@behaviour("admin-features", needs=("features",))
def features(ctx):
    found = ctx.client.features()
    for feature in ("metadata.version", "group.version", "transaction.version"):
        check(feature in found, f"{feature} among {sorted(found)}")


@behaviour("leader-returns", needs=("elect_leader",), alone=True, brokers=3)
def leader_returns(ctx):
    """After a broker came back, an election gives it its partitions again."""
    name = ctx.topic(3)
    preferred = {p[0]: p[2][0] for p in ctx.client.describe_topic(name)}
    mine = [partition for partition, leader in preferred.items() if leader == 2][0]
    now = lambda: {p[0]: p for p in ctx.client.describe_topic(name)}[mine]
    with down(2):
        wait_until(lambda: now()[1] not in (2, -1), "another leader")
    wait_until(lambda: len(now()[3]) == 3, "the broker in sync again")
    if now()[1] != 2:
        ctx.client.elect_leader(name, mine)
    wait_until(lambda: now()[1] == 2, "the preferred leader")
