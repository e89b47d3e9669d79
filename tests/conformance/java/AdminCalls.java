import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the client can ask of the cluster itself, and that what it changed is so afterwards. */
final class AdminCalls {
    static void list() {
        Harness.behaviour("admin-create-topics", AdminCalls::createTopics);
        Harness.behaviour("admin-delete-topics", AdminCalls::deleteTopics);
        Harness.behaviour("admin-describe-topics", AdminCalls::describeTopics);
        Harness.behaviour("admin-create-partitions", AdminCalls::createPartitions);
        Harness.behaviour("admin-delete-records", AdminCalls::deleteRecords);
        Harness.behaviour("admin-describe-configs", AdminCalls::describeConfigs);
        Harness.behaviour("admin-incremental-configs", AdminCalls::incrementalConfigs);
        Harness.behaviour("admin-list-config-resources", AdminCalls::configResources);
        Harness.behaviour("admin-describe-cluster", AdminCalls::describeCluster);
        Harness.behaviour("admin-log-dirs", AdminCalls::logDirs);
        Harness.behaviour("admin-list-offsets", AdminCalls::listOffsets);
        Harness.behaviour("admin-elect-leaders", AdminCalls::electLeaders);
        Harness.behaviour("admin-reassign", 3, false, AdminCalls::reassign);
        Harness.behaviour("admin-producers", AdminCalls::producers);
        Harness.behaviour("admin-transactions", AdminCalls::transactions);
        Harness.behaviour("admin-abort-transaction", AdminCalls::abortTransaction);
        Harness.behaviour("admin-fence-producers", AdminCalls::fenceProducers);
        Harness.behaviour("admin-quorum", AdminCalls::quorum);
        Harness.behaviour("admin-features", AdminCalls::features);
        Harness.behaviour("admin-list-groups", AdminCalls::listGroups);
        Harness.behaviour("admin-describe-groups", AdminCalls::describeGroups);
        Harness.behaviour("admin-delete-groups", AdminCalls::deleteGroups);
        Harness.behaviour("admin-group-offsets", AdminCalls::groupOffsets);
        Harness.behaviour("admin-alter-group-offsets", AdminCalls::alterGroupOffsets);
        Harness.behaviour("admin-delete-group-offsets", AdminCalls::deleteGroupOffsets);
        Harness.behaviour("admin-remove-members", AdminCalls::removeMembers);
        Harness.behaviour("leader-returns", 3, true, AdminCalls::leaderReturns);
    }

    private static void createTopics(Context ctx) throws Exception {
        String topic = ctx.topic(3, 1, Map.of("retention.ms", "86400000"));
        Harness.waitUntil(() -> ctx.admin().listTopics().names().get().contains(topic), "the new topic among the topics");
        Harness.failsWith(() -> ctx.create(topic, 1, 1, Map.of()), "creating it again", TopicExistsException.class);
        Harness.failsWith(() -> ctx.create(ctx.fresh("t"), 1, ctx.brokers + 1, Map.of()), "too many replicas", InvalidReplicationFactorException.class);
        Harness.failsWith(() -> ctx.create(ctx.fresh("t"), 1, 1, Map.of("no.such.config", "1")), "an unknown config", InvalidConfigurationException.class);
        Harness.failsWith(() -> ctx.create("what?!", 1, 1, Map.of()), "a name that no topic may have", InvalidTopicException.class);
    }

    private static void deleteTopics(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        ctx.admin().deleteTopics(List.of(topic)).all().get();
        Harness.waitUntil(() -> !ctx.admin().listTopics().names().get().contains(topic), "the topic gone");
        Harness.failsWith(() -> ctx.admin().deleteTopics(List.of(topic)).all().get(), "deleting it again", UnknownTopicOrPartitionException.class);
    }

    static List<TopicPartitionInfo> partitions(Context ctx, String topic) throws Exception {
        return Harness.eventually(() -> ctx.admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions());
    }

    private static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).toList();
    }

    private static void describeTopics(Context ctx) throws Exception {
        List<TopicPartitionInfo> partitions = partitions(ctx, ctx.topic(4));
        Harness.equal(partitions.size(), 4, "partitions");
        for (TopicPartitionInfo partition : partitions) {
            Harness.equal(partition.replicas().size(), Math.min(ctx.brokers, 3), "replicas");
            Harness.equal(partition.leader().id(), partition.replicas().get(0).id(), "the leader is the preferred one");
            Harness.equal(new TreeSet<>(ids(partition.isr())), new TreeSet<>(ids(partition.replicas())), "in-sync replicas");
        }
    }

    private static void createPartitions(Context ctx) throws Exception {
        String topic = ctx.topic(2);
        ctx.admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
        Harness.waitUntil(() -> partitions(ctx, topic).size() == 5, "five partitions");
        Harness.failsWith(
                () -> ctx.admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get(),
                "fewer partitions", InvalidPartitionsException.class);
        ctx.produce(topic, List.of(new ProducerRecord<>(topic, 4, null, Context.bytes("v"))));
        Harness.equal(ctx.read(topic, 1, 5).size(), 1, "records in the new partition");
    }

    private static long offset(Context ctx, TopicPartition place, OffsetSpec spec) throws Exception {
        return ctx.admin().listOffsets(Map.of(place, spec)).partitionResult(place).get().offset();
    }

    private static void deleteRecords(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        ctx.produce(topic, ctx.numbered(topic, 20, "v"));
        long low = ctx.admin().deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(15))).lowWatermarks().get(place).get().lowWatermark();
        Harness.equal(low, 15L, "the low watermark");
        Harness.equal(offset(ctx, place, OffsetSpec.earliest()), 15L, "the first offset");
        Harness.failsWith(
                () -> ctx.admin().deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(100))).all().get(),
                "deleting beyond the end", OffsetOutOfRangeException.class);
    }

    private static Config config(Context ctx, ConfigResource.Type type, String name) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        return Harness.eventually(() -> ctx.admin().describeConfigs(List.of(resource)).all().get().get(resource));
    }

    private static void describeConfigs(Context ctx) throws Exception {
        Config topic = config(ctx, ConfigResource.Type.TOPIC, ctx.topic(1, 1, Map.of("retention.ms", "123456789")));
        Harness.equal(topic.get("retention.ms").value(), "123456789", "retention.ms of the topic");
        Harness.equal(topic.get("retention.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, "where it is set");
        Harness.equal(topic.get("cleanup.policy").value(), "delete", "cleanup.policy of the topic");
        Harness.check(topic.get("cleanup.policy").isDefault(), "cleanup.policy is the default");
        Harness.check(config(ctx, ConfigResource.Type.BROKER, "1").get("log.segment.bytes") != null, "configs of a broker");
        ConfigResource odd = new ConfigResource(ConfigResource.Type.TOPIC, ctx.fresh("t"));
        Harness.failsWith(() -> ctx.admin().describeConfigs(List.of(odd)).all().get(), "an unknown topic", UnknownTopicOrPartitionException.class);
    }

    private static void alter(Context ctx, String topic, String name, String value, AlterConfigOp.OpType type) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        ctx.admin().incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), type)))).all().get();
    }

    private static void incrementalConfigs(Context ctx) throws Exception {
        String topic = ctx.topic(1, 1, Map.of("retention.ms", "123456789"));
        alter(ctx, topic, "max.message.bytes", "54321", AlterConfigOp.OpType.SET);
        alter(ctx, topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
        alter(ctx, topic, "retention.ms", null, AlterConfigOp.OpType.DELETE);
        Harness.waitUntil(() -> {
            Config now = config(ctx, ConfigResource.Type.TOPIC, topic);
            return now.get("max.message.bytes").value().equals("54321")
                    && now.get("cleanup.policy").value().equals("delete,compact")
                    && now.get("retention.ms").value().equals("604800000");
        }, () -> "the new values");
        Harness.failsWith(
                () -> alter(ctx, topic, "retention.ms", "soon", AlterConfigOp.OpType.SET), "a value that is no number", InvalidConfigurationException.class);
    }

    private static void configResources(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        Set<ConfigResource.Type> topics = Set.of(ConfigResource.Type.TOPIC);
        Harness.waitUntil(
                () -> ctx.admin().listConfigResources(topics, new ListConfigResourcesOptions()).all().get().stream().anyMatch(r -> r.name().equals(topic)),
                "the topic among what has configs");
    }

    private static void describeCluster(Context ctx) throws Exception {
        DescribeClusterResult cluster = ctx.admin().describeCluster();
        Harness.equal(cluster.clusterId().get().length(), 22, "length of the cluster id");
        Harness.equal(cluster.nodes().get().size(), ctx.brokers, "brokers");
        Harness.check(ids(cluster.nodes().get()).contains(cluster.controller().get().id()), "the controller is one of them");
    }

    private static void logDirs(Context ctx) throws Exception {
        String topic = ctx.topic(2);
        ctx.produce(topic, List.of(new ProducerRecord<>(topic, 0, null, new byte[1000])));
        Set<Integer> brokers = new TreeSet<>(ids(ctx.admin().describeCluster().nodes().get()));
        long[] found = new long[2];
        ctx.admin().describeLogDirs(brokers).allDescriptions().get().values().forEach(dirs -> dirs.values().forEach(dir ->
                dir.replicaInfos().forEach((place, info) -> {
                    if (place.topic().equals(topic)) {
                        found[0] += 1;
                        found[1] = Math.max(found[1], info.size());
                    }
                })));
        Harness.equal(found[0], 2L * Math.min(ctx.brokers, 3), "replicas found");
        Harness.check(found[1] >= 1000, "size of the largest: " + found[1]);
    }

    private static void listOffsets(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        long newest = System.currentTimeMillis();
        for (int i = 0; i < 10; i++) {
            ctx.produce(topic, List.of(new ProducerRecord<>(topic, 0, newest - i, null, Context.bytes("v"))));
        }
        Harness.equal(offset(ctx, place, OffsetSpec.earliest()), 0L, "earliest");
        Harness.equal(offset(ctx, place, OffsetSpec.latest()), 10L, "latest");
        Harness.equal(offset(ctx, place, OffsetSpec.maxTimestamp()), 0L, "offset of the highest timestamp");
        Harness.equal(offset(ctx, place, OffsetSpec.forTimestamp(newest - 3)), 0L, "first offset at or after a time");
        Harness.equal(offset(ctx, place, OffsetSpec.earliestLocal()), 0L, "earliest on the broker's own disk");
    }

    private static void elect(Context ctx, TopicPartition place) throws Exception {
        Optional<Throwable> error = ctx.admin().electLeaders(ElectionType.PREFERRED, Set.of(place)).partitions().get().get(place);
        if (error.isPresent()) {
            throw (Exception) error.get();
        }
    }

    private static void electLeaders(Context ctx) throws Exception {
        TopicPartition place = new TopicPartition(ctx.topic(1), 0);
        Harness.failsWith(() -> elect(ctx, place), "the preferred leader leads", ElectionNotNeededException.class);
    }

    private static void reassign(Context ctx, TopicPartition place, List<Integer> replicas) throws Exception {
        ctx.admin().alterPartitionReassignments(Map.of(place, Optional.of(new NewPartitionReassignment(replicas)))).all().get();
    }

    private static void reassign(Context ctx) throws Exception {
        String topic = ctx.topic(1, 1, Map.of());
        TopicPartition place = new TopicPartition(topic, 0);
        ctx.produce(topic, ctx.numbered(topic, 20, "v"));
        int old = partitions(ctx, topic).get(0).leader().id();
        List<Integer> replicas = List.of(old == 1 ? 2 : 1, old == 3 ? 2 : 3);
        reassign(ctx, place, replicas);
        Harness.waitUntil(() -> ctx.admin().listPartitionReassignments(Set.of(place)).reassignments().get().isEmpty(), "the end of the move");
        // Brokers learn of the end a moment later than the controller.
        Harness.waitUntil(() -> ids(partitions(ctx, topic).get(0).replicas()).equals(replicas), "the new replicas");
        Harness.waitUntil(() -> partitions(ctx, topic).get(0).isr().size() == 2, "the new replicas in sync");
        Harness.equal(ctx.read(topic, 20, 1).size(), 20, "records after moving");
        Harness.failsWith(() -> reassign(ctx, place, List.of(77)), "a broker that does not exist", InvalidReplicaAssignmentException.class);
    }

    private static void producers(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        ctx.produce(topic, ctx.numbered(topic, 7, "v"));
        List<ProducerState> found = ctx.admin().describeProducers(List.of(place)).partitionResult(place).get().activeProducers();
        Harness.equal(found.size(), 1, "producers of the partition");
        Harness.equal(found.get(0).lastSequence(), 6, "the last sequence");
    }

    private static void transactions(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String id = ctx.fresh("id");
        KafkaProducer<byte[], byte[]> producer = Transactions.transactional(ctx, id);
        producer.beginTransaction();
        Transactions.send(ctx, producer, topic, "v");
        TransactionDescription open = describe(ctx.admin(), id);
        Harness.equal(open.state().toString(), "Ongoing", "state of the open transaction");
        Harness.equal(open.topicPartitions(), Set.of(new TopicPartition(topic, 0)), "its partitions");
        Harness.check(ctx.admin().listTransactions().all().get().stream().anyMatch(each -> each.transactionalId().equals(id)), "it is in the list");
        producer.commitTransaction();
        Harness.waitUntil(() -> describe(ctx.admin(), id).state().toString().equals("CompleteCommit"), "the end of the transaction");
    }

    private static TransactionDescription describe(Admin admin, String id) throws Exception {
        return admin.describeTransactions(List.of(id)).description(id).get();
    }

    private static void abortTransaction(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        KafkaProducer<byte[], byte[]> producer = Transactions.transactional(ctx, ctx.fresh("id"));
        producer.beginTransaction();
        Transactions.send(ctx, producer, topic, "v");
        ProducerState state = ctx.admin().describeProducers(List.of(place)).partitionResult(place).get().activeProducers().get(0);
        AbortTransactionSpec spec = new AbortTransactionSpec(place, state.producerId(), (short) state.producerEpoch(), state.coordinatorEpoch().orElse(-1));
        ctx.admin().abortTransaction(spec).all().get();
        ctx.produce(topic, ctx.numbered(topic, 2, "after"));
        List<String> got = Context.values(ctx.read(topic, 2, 1, "isolation.level", "read_committed"));
        Harness.equal(got, Context.wanted("after", 2), "what read_committed sees");
    }

    private static void fenceProducers(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String id = ctx.fresh("id");
        KafkaProducer<byte[], byte[]> producer = Transactions.transactional(ctx, id);
        producer.beginTransaction();
        Transactions.send(ctx, producer, topic, "v");
        ctx.admin().fenceProducers(List.of(id)).all().get();
        Harness.failsWith(() -> {
            Transactions.send(ctx, producer, topic, "late");
            producer.commitTransaction();
        }, "a commit of the fenced producer", ProducerFencedException.class, InvalidProducerEpochException.class);
    }

    private static void quorum(Context ctx) throws Exception {
        QuorumInfo quorum = ctx.admin().describeMetadataQuorum().quorumInfo().get();
        Harness.check(quorum.voters().stream().anyMatch(voter -> voter.replicaId() == quorum.leaderId()), "the leader is a voter");
    }

    private static void features(Context ctx) throws Exception {
        Set<String> found = ctx.admin().describeFeatures().featureMetadata().get().finalizedFeatures().keySet();
        Harness.check(found.containsAll(Set.of("metadata.version", "group.version", "transaction.version")), "features " + found);
    }

    /** A group with a committed offset and no member left. */
    private static String settled(Context ctx, String topic) throws Exception {
        String group = ctx.fresh("g");
        ctx.produce(topic, ctx.numbered(topic, 10, "v"));
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer("group.id", group)) {
            consumer.subscribe(List.of(topic));
            Context.poll(consumer, 10);
            consumer.commitSync();
        }
        return group;
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Context ctx, String group) throws Exception {
        return ctx.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    private static boolean listed(Context ctx, String group) throws Exception {
        return ctx.admin().listGroups().all().get().stream().anyMatch(each -> each.groupId().equals(group));
    }

    private static void listGroups(Context ctx) throws Exception {
        String group = settled(ctx, ctx.topic(1));
        Harness.waitUntil(() -> listed(ctx, group), "the group among the groups");
    }

    private static ConsumerGroupDescription group(Context ctx, String group) throws Exception {
        return ctx.admin().describeConsumerGroups(List.of(group)).all().get().get(group);
    }

    private static void describeGroups(Context ctx) throws Exception {
        String topic = ctx.topic(2);
        for (String protocol : List.of("classic", "consumer")) {
            String group = ctx.fresh("g");
            Groups.Member member = new Groups.Member(ctx, new Groups.Ledger(), List.of(topic), "group.id", group, "group.protocol", protocol);
            Groups.hold(List.of(member), 2);
            Harness.waitUntil(() -> group(ctx, group).groupState().toString().equals("Stable"), protocol + ": a stable group");
            Harness.equal(group(ctx, group).members().size(), 1, protocol + ": members");
            int held = group(ctx, group).members().iterator().next().assignment().topicPartitions().size();
            Harness.equal(held, 2, protocol + ": partitions of the member");
            Harness.equal(group(ctx, group).type().toString(), protocol.equals("classic") ? "Classic" : "Consumer", "type of the group");
            member.leave();
            Harness.waitUntil(() -> group(ctx, group).groupState().toString().equals("Empty"), protocol + ": an empty group");
        }
    }

    private static void deleteGroups(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String group = settled(ctx, topic);
        ctx.admin().deleteConsumerGroups(List.of(group)).all().get();
        Harness.check(!listed(ctx, group), "the group is gone");
        Harness.failsWith(() -> ctx.admin().deleteConsumerGroups(List.of(group)).all().get(), "deleting it again", GroupIdNotFoundException.class);
        String busy = ctx.fresh("g");
        Groups.Member member = new Groups.Member(ctx, new Groups.Ledger(), List.of(topic), "group.id", busy);
        Groups.hold(List.of(member), 1);
        Harness.failsWith(() -> ctx.admin().deleteConsumerGroups(List.of(busy)).all().get(), "a group with members", GroupNotEmptyException.class);
        member.leave();
    }

    private static void groupOffsets(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String group = settled(ctx, topic);
        Harness.equal(offsets(ctx, group).get(new TopicPartition(topic, 0)).offset(), 10L, "the committed offset");
    }

    private static void alterGroupOffsets(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        String group = settled(ctx, topic);
        ctx.admin().alterConsumerGroupOffsets(group, Map.of(place, new OffsetAndMetadata(4))).all().get();
        Harness.equal(offsets(ctx, group).get(place).offset(), 4L, "the altered offset");
    }

    private static void deleteGroupOffsets(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        String group = settled(ctx, topic);
        ctx.admin().deleteConsumerGroupOffsets(group, Set.of(place)).all().get();
        Harness.equal(new HashMap<>(offsets(ctx, group)).get(place), null, "the offset after deleting it");
    }

    private static void removeMembers(Context ctx) throws Exception {
        String topic = ctx.topic(2);
        String group = ctx.fresh("g");
        Groups.Member member = new Groups.Member(
                ctx, new Groups.Ledger(), List.of(topic), "group.id", group, "group.instance.id", "one", "session.timeout.ms", "30000");
        Groups.hold(List.of(member), 2);
        member.leave();
        Harness.equal(group(ctx, group).members().size(), 1, "members while the static one is away");
        ctx.admin().removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one")))).all().get();
        Harness.waitUntil(() -> group(ctx, group).members().isEmpty(), "an empty group");
    }

    private static void leaderReturns(Context ctx) throws Exception {
        String topic = ctx.topic(3);
        int mine = partitions(ctx, topic).stream().filter(p -> p.leader().id() == 2).findFirst().orElseThrow().partition();
        Harness.down(2, () -> Harness.waitUntil(
                () -> partitions(ctx, topic).get(mine).leader() != null && partitions(ctx, topic).get(mine).leader().id() != 2, "another leader"));
        Harness.waitUntil(() -> partitions(ctx, topic).get(mine).isr().size() == 3, "the broker in sync again");
        if (partitions(ctx, topic).get(mine).leader().id() != 2) {
            elect(ctx, new TopicPartition(topic, mine));
        }
        Harness.waitUntil(() -> partitions(ctx, topic).get(mine).leader().id() == 2, "the preferred leader");
    }
}
