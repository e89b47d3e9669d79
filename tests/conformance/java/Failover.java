import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A broker that goes and comes back: nothing acknowledged is lost, order is kept. */
final class Failover {
    static void list() {
        Harness.behaviour("broker-restart", 3, true, Failover::brokerRestart);
        Harness.behaviour("group-failover", 3, true, Failover::groupFailover);
        Harness.behaviour("txn-failover", 3, true, Failover::transactionFailover);
    }

    private static void brokerRestart(Context ctx) throws Exception {
        String topic = ctx.topic(6, 3, Map.of("min.insync.replicas", "2"));
        int[] sent = {0};
        try (KafkaProducer<byte[], byte[]> producer = ctx.producer("acks", "all")) {
            rounds(producer, topic, sent, 8);
            Harness.down(2, () -> rounds(producer, topic, sent, 12));
            rounds(producer, topic, sent, 10);
        }
        List<ConsumerRecord<byte[], byte[]>> got = ctx.read(topic, sent[0], 6);
        Harness.equal(got.size(), sent[0], "records, none lost and none twice");
        Map<String, List<String>> runs = Context.byKey(got);
        Set<Integer> numbers = new TreeSet<>();
        for (List<String> run : runs.values()) {
            List<Integer> each = run.stream().map(Integer::valueOf).toList();
            Harness.equal(each, List.copyOf(new TreeSet<>(each)), "order of a key");
            numbers.addAll(each);
        }
        Harness.equal(numbers.size(), sent[0], "every acknowledged record");
    }

    private static void rounds(KafkaProducer<byte[], byte[]> producer, String topic, int[] sent, int count) throws Exception {
        for (int round = 0; round < count; round++) {
            List<Future<?>> flying = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                flying.add(producer.send(new ProducerRecord<>(topic, Context.bytes("k" + sent[0] % 12), Context.bytes("" + sent[0]++))));
            }
            for (Future<?> each : flying) {
                each.get();
            }
        }
    }

    private static void groupFailover(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        TopicPartition place = new TopicPartition(topic, 0);
        String[] options = {"group.id", ctx.fresh("g"), "session.timeout.ms", "6000", "heartbeat.interval.ms", "300"};
        ctx.produce(topic, ctx.numbered(topic, 40, "v"));
        for (int broker = 1; broker <= 3; broker++) {
            long next = broker * 10L;
            try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(options)) {
                consumer.subscribe(List.of(topic));
                Harness.equal(Context.poll(consumer, 1).get(0).offset(), next - 10, "where the group goes on");
                // A member that was away for too long joins again while it polls.
                Harness.down(broker, () -> Harness.eventually(() -> {
                    consumer.poll(Duration.ofMillis(100));
                    consumer.commitSync(Map.of(place, new OffsetAndMetadata(next)));
                    return true;
                }));
            }
            settle(ctx, topic, "__consumer_offsets");
        }
    }

    private static void transactionFailover(Context ctx) throws Exception {
        String topic = ctx.topic(3);
        Set<String> wanted = new LinkedHashSet<>();
        KafkaProducer<byte[], byte[]> producer = Transactions.transactional(ctx, ctx.fresh("id"));
        for (int broker = 1; broker <= 3; broker++) {
            producer.beginTransaction();
            Transactions.send(ctx, producer, topic, broker + "-");
            wanted.addAll(Context.wanted(broker + "-", 10));
            Harness.down(broker, producer::commitTransaction);
            settle(ctx, topic, "__transaction_state");
        }
        List<String> got = Context.values(ctx.read(topic, 30, 3, "isolation.level", "read_committed"));
        Harness.equal(new TreeSet<>(got), new TreeSet<>(wanted), "committed records");
        Harness.equal(got.size(), 30, "none twice");
    }

    /** Waits until every replica is in sync again, so that the next loss is one at a time. */
    private static void settle(Context ctx, String... topics) throws Exception {
        for (String topic : topics) {
            Harness.waitUntil(
                    () -> AdminCalls.partitions(ctx, topic).stream().allMatch(partition -> partition.isr().size() == 3),
                    "three replicas of " + topic + " in sync");
        }
    }
}
