import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Consumer groups: who owns what, and that nobody owns it twice. */
final class Groups {
    static final String[] QUICK = {"session.timeout.ms", "6000", "heartbeat.interval.ms", "300"};
    private static final String[] NEW = {"group.protocol", "consumer"};
    private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";

    /** Who holds which partition, as the members are told; notes every one that has two owners at once. */
    static final class Ledger {
        private final Map<TopicPartition, Member> owners = new HashMap<>();
        final List<String> overlaps = new CopyOnWriteArrayList<>();

        synchronized void give(Member member, Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                Member other = owners.put(partition, member);
                if (other != null && other != member) {
                    overlaps.add(partition.toString());
                }
            }
        }

        synchronized void take(Member member, Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> owners.remove(partition, member));
        }

        synchronized List<String> heldBy(Member member) {
            TreeSet<String> held = new TreeSet<>();
            owners.forEach((partition, owner) -> {
                if (owner == member) {
                    held.add(partition.toString());
                }
            });
            return List.copyOf(held);
        }
    }

    /** A consumer of a group that polls until it is told to leave. */
    static final class Member implements AutoCloseable, ConsumerRebalanceListener {
        final List<ConsumerRecord<byte[], byte[]>> records = new CopyOnWriteArrayList<>();
        final List<String> changes = new CopyOnWriteArrayList<>();
        private final Ledger ledger;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Thread thread;
        private volatile boolean leaving;
        private volatile Throwable trouble;

        Member(Context ctx, Ledger ledger, Object subscription, String... options) {
            this.ledger = ledger;
            this.consumer = ctx.consumer(options);
            this.thread = new Thread(() -> poll(subscription));
            ctx.kept(this);
            thread.setDaemon(true);
            thread.start();
        }

        @SuppressWarnings("unchecked")
        private void poll(Object subscription) {
            try (consumer) {
                if (subscription instanceof SubscriptionPattern pattern) {
                    consumer.subscribe(pattern, this);
                } else if (subscription instanceof Pattern pattern) {
                    consumer.subscribe(pattern, this);
                } else {
                    consumer.subscribe((List<String>) subscription, this);
                }
                while (!leaving) {
                    consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                }
            } catch (Throwable error) {
                trouble = error;
            } finally {
                ledger.take(this, List.copyOf(ledger.owners.keySet()));
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            changes.add("assign " + partitions.size());
            ledger.give(this, partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            changes.add("revoke " + partitions.size());
            ledger.take(this, partitions);
        }

        List<String> held() {
            if (trouble != null) {
                throw new AssertionError("a member ended: " + trouble);
            }
            return ledger.heldBy(this);
        }

        void leave() throws InterruptedException {
            leaving = true;
            thread.join(Harness.DEADLINE);
            Harness.check(!thread.isAlive(), "a member did not come back from closing");
            Harness.check(trouble == null, "a member ended: " + trouble);
        }

        @Override
        public void close() {
            leaving = true;
        }
    }

    static void list() {
        Harness.behaviour("group-join-leave", ctx -> joinAndLeave(ctx, QUICK));
        Harness.behaviour("group-crash", Groups::crash);
        Harness.behaviour("assignor-range", ctx -> shares(ctx, "RangeAssignor", 2, 4));
        Harness.behaviour("assignor-roundrobin", ctx -> shares(ctx, "RoundRobinAssignor", 3, 3));
        Harness.behaviour("assignor-sticky", ctx -> stays(ctx, "StickyAssignor"));
        Harness.behaviour("assignor-cooperative", ctx -> {
            Member first = stays(ctx, "CooperativeStickyAssignor");
            String revoked = first.changes.stream().filter(change -> change.matches("revoke [1-9].*")).findFirst().orElse("nothing");
            Harness.equal(revoked, "revoke 3", "cooperative: only what moves is revoked");
        });
        Harness.behaviour("group-static", ctx -> staticMembers(ctx, true, "session.timeout.ms", "20000", "heartbeat.interval.ms", "300"));
        Harness.behaviour("regex-subscription", ctx -> pattern(ctx, false, QUICK));
        Harness.behaviour("kip848-join-leave", ctx -> joinAndLeave(ctx, NEW));
        Harness.behaviour("kip848-assignors", Groups::remoteAssignors);
        Harness.behaviour("kip848-static", ctx -> staticMembers(ctx, false, NEW));
        Harness.behaviour("kip848-regex", ctx -> pattern(ctx, true, NEW));
        Harness.behaviour("commit", Groups::commit);
        Harness.behaviour("auto-commit", Groups::autoCommit);
        Harness.behaviour("offset-reset", Groups::offsetReset);
    }

    static void hold(List<Member> members, Integer... counts) throws Exception {
        Harness.waitUntil(
                () -> members.stream().map(member -> member.held().size()).sorted().toList().equals(List.of(counts)),
                () -> "members that hold " + List.of(counts) + ", they hold " + members.stream().map(Member::held).toList());
    }

    private static String[] with(String[] options, String... more) {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    private static void joinAndLeave(Context ctx, String... options) throws Exception {
        String topic = ctx.topic(4);
        Ledger ledger = new Ledger();
        String[] all = with(options, "group.id", ctx.fresh("g"), "enable.auto.commit", "true");
        Member first = new Member(ctx, ledger, List.of(topic), all);
        hold(List.of(first), 4);
        Member second = new Member(ctx, ledger, List.of(topic), all);
        hold(List.of(first, second), 2, 2);
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            sent.add(new ProducerRecord<>(topic, i % 4, null, Context.bytes("" + i)));
        }
        ctx.produce(topic, sent);
        Harness.waitUntil(() -> first.records.size() + second.records.size() >= 80, "every record, at either member");
        second.leave();
        hold(List.of(first), 4);
        first.leave();
        Harness.equal(ledger.overlaps, List.of(), "partitions with two owners at once");
        Harness.equal(first.records.size() + second.records.size(), 80, "records read by the group, once each");
    }

    private static void crash(Context ctx) throws Exception {
        String topic = ctx.topic(4);
        String group = ctx.fresh("g");
        Member first = new Member(ctx, new Ledger(), List.of(topic), with(QUICK, "group.id", group));
        hold(List.of(first), 4);
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process other = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "Crashing", ctx.bootstrap, group, topic)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            hold(List.of(first), 2);
        } finally {
            other.destroyForcibly();
        }
        hold(List.of(first), 4);
        first.leave();
    }

    private static void shares(Context ctx, String assignor, Integer... counts) throws Exception {
        List<String> topics = List.of(ctx.topic(3), ctx.topic(3));
        Ledger ledger = new Ledger();
        String[] all = with(QUICK, "group.id", ctx.fresh("g"), "partition.assignment.strategy", ASSIGNORS + assignor);
        List<Member> members = List.of(new Member(ctx, ledger, topics, all), new Member(ctx, ledger, topics, all));
        hold(members, counts);
        for (Member member : members) {
            member.leave();
        }
        Harness.equal(ledger.overlaps, List.of(), "partitions with two owners at once");
    }

    private static Member stays(Context ctx, String assignor) throws Exception {
        List<String> topic = List.of(ctx.topic(6));
        Ledger ledger = new Ledger();
        String[] all = with(QUICK, "group.id", ctx.fresh("g"), "partition.assignment.strategy", ASSIGNORS + assignor);
        Member first = new Member(ctx, ledger, topic, all);
        hold(List.of(first), 6);
        Member second = new Member(ctx, ledger, topic, all);
        hold(List.of(first, second), 3, 3);
        List<String> kept = first.held();
        Member third = new Member(ctx, ledger, topic, all);
        hold(List.of(first, second, third), 2, 2, 2);
        Harness.check(kept.containsAll(first.held()), kept + " became " + first.held() + ", although nothing forced a move");
        for (Member member : List.of(third, second, first)) {
            member.leave();
        }
        Harness.equal(ledger.overlaps, List.of(), "partitions with two owners at once");
        return first;
    }

    private static void staticMembers(Context ctx, boolean quiet, String... options) throws Exception {
        List<String> topic = List.of(ctx.topic(4));
        Ledger ledger = new Ledger();
        String[] all = with(options, "group.id", ctx.fresh("g"));
        Member first = new Member(ctx, ledger, topic, with(all, "group.instance.id", "one"));
        hold(List.of(first), 4);
        Member second = new Member(ctx, ledger, topic, with(all, "group.instance.id", "two"));
        hold(List.of(first, second), 2, 2);
        List<List<String>> before = List.of(first.held(), second.held());
        int changes = first.changes.size();
        second.leave();
        second = new Member(ctx, ledger, topic, with(all, "group.instance.id", "two"));
        hold(List.of(first, second), 2, 2);
        Harness.equal(List.of(first.held(), second.held()), before, "partitions after a static member came back");
        if (quiet) {
            Harness.equal(first.changes.size(), changes, "changes that the other member saw meanwhile");
        }
        first.leave();
        second.leave();
    }

    private static void pattern(Context ctx, boolean byServer, String... options) throws Exception {
        String stem = ctx.fresh("stem");
        int replicas = Math.min(ctx.brokers, 3);
        ctx.create(stem + "-one", 2, replicas, Map.of());
        ctx.create(stem + "-two", 2, replicas, Map.of());
        Object wanted = byServer ? new SubscriptionPattern(stem + "-.*") : Pattern.compile(stem + "-.*");
        Member member = new Member(ctx, new Ledger(), wanted, with(options, "group.id", ctx.fresh("g")));
        hold(List.of(member), 4);
        ctx.create(stem + "-three", 1, replicas, Map.of());
        hold(List.of(member), 5);
        member.leave();
    }

    private static void remoteAssignors(Context ctx) throws Exception {
        for (String assignor : List.of("range", "uniform")) {
            List<String> topics = List.of(ctx.topic(3), ctx.topic(3));
            Ledger ledger = new Ledger();
            String[] all = with(NEW, "group.id", ctx.fresh("g"), "group.remote.assignor", assignor);
            List<Member> members = List.of(new Member(ctx, ledger, topics, all), new Member(ctx, ledger, topics, all));
            if (assignor.equals("range")) {
                hold(members, 2, 4);
            } else {
                hold(members, 3, 3);
            }
            for (Member member : members) {
                member.leave();
            }
            Harness.equal(ledger.overlaps, List.of(), assignor + ": partitions with two owners at once");
        }
    }

    private static void commit(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String[] options = with(QUICK, "group.id", ctx.fresh("g"));
        TopicPartition place = new TopicPartition(topic, 0);
        ctx.produce(topic, ctx.numbered(topic, 20, "v"));
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(options)) {
            consumer.subscribe(List.of(topic));
            Context.poll(consumer, 20);
            consumer.commitSync(Map.of(place, new OffsetAndMetadata(10, "so far")));
            Harness.equal(consumer.committed(java.util.Set.of(place)).get(place), new OffsetAndMetadata(10, "so far"), "the committed offset");
        }
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(options)) {
            consumer.subscribe(List.of(topic));
            Harness.equal(Context.poll(consumer, 10).get(0).offset(), 10L, "where the next consumer of the group begins");
        }
    }

    private static void autoCommit(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String[] options = with(QUICK, "group.id", ctx.fresh("g"), "enable.auto.commit", "true");
        for (long expected : new long[] {0, 20}) {
            ctx.produce(topic, ctx.numbered(topic, 20, "v"));
            try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(options)) {
                consumer.subscribe(List.of(topic));
                Harness.equal(Context.poll(consumer, 20).get(0).offset(), expected, "where the group goes on");
                // What was polled is committed with the next poll or the close.
            }
        }
    }

    private static void offsetReset(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        ctx.produce(topic, ctx.numbered(topic, 10, "v"));
        Member late = new Member(ctx, new Ledger(), List.of(topic), with(QUICK, "group.id", ctx.fresh("g"), "auto.offset.reset", "latest"));
        hold(List.of(late), 1);
        Harness.waitUntil(() -> {
            ctx.produce(topic, ctx.numbered(topic, 1, "late"));
            return !late.records.isEmpty();
        }, "a record after joining");
        late.leave();
        Harness.check(late.records.get(0).offset() >= 10, "latest: only what comes after joining");
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(with(QUICK, "group.id", ctx.fresh("g"), "auto.offset.reset", "none"))) {
            consumer.subscribe(List.of(topic));
            Harness.failsWith(() -> Context.poll(consumer, 1), "none: no offset, no reading", org.apache.kafka.clients.consumer.NoOffsetForPartitionException.class);
        }
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer()) {
            TopicPartition place = new TopicPartition(topic, 0);
            consumer.assign(List.of(place));
            consumer.seek(place, 1_000_000);
            Harness.equal(Context.poll(consumer, 10).get(0).offset(), 0L, "earliest: where reading begins after an offset out of range");
        }
    }
}
