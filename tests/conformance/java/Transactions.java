import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/** Transactions: all or nothing, seen by those who read committed records only. */
final class Transactions {
    private static final String[] COMMITTED = {"isolation.level", "read_committed"};

    static void list() {
        Harness.behaviour("txn-commit", Transactions::commit);
        Harness.behaviour("txn-abort", Transactions::abort);
        Harness.behaviour("txn-read-committed", Transactions::readCommitted);
        Harness.behaviour("txn-fencing", Transactions::fencing);
        Harness.behaviour("txn-consume-produce", Transactions::consumeProduce);
    }

    static KafkaProducer<byte[], byte[]> transactional(Context ctx, String id) {
        KafkaProducer<byte[], byte[]> producer = ctx.producer("transactional.id", id);
        producer.initTransactions();
        return producer;
    }

    static void send(Context ctx, KafkaProducer<byte[], byte[]> producer, String topic, String prefix) {
        ctx.numbered(topic, 10, prefix).forEach(producer::send);
        producer.flush();
    }

    private static List<String> both(String first, int count, String second, int more) {
        List<String> values = new ArrayList<>(Context.wanted(first, count));
        values.addAll(Context.wanted(second, more));
        return values;
    }

    private static void commit(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        KafkaProducer<byte[], byte[]> producer = transactional(ctx, ctx.fresh("id"));
        for (String prefix : List.of("a", "b")) {
            producer.beginTransaction();
            send(ctx, producer, topic, prefix);
            producer.commitTransaction();
        }
        List<ConsumerRecord<byte[], byte[]>> got = ctx.read(topic, 20, 1, COMMITTED);
        Harness.equal(Context.values(got), both("a", 10, "b", 10), "records of two committed transactions");
        Harness.equal(got.get(10).offset(), 11L, "offset after the first control record");
    }

    private static void abort(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        KafkaProducer<byte[], byte[]> producer = transactional(ctx, ctx.fresh("id"));
        producer.beginTransaction();
        send(ctx, producer, topic, "a");
        producer.abortTransaction();
        producer.beginTransaction();
        send(ctx, producer, topic, "b");
        producer.commitTransaction();
        Harness.equal(Context.values(ctx.read(topic, 10, 1, COMMITTED)), Context.wanted("b", 10), "read_committed");
        Harness.equal(Context.values(ctx.read(topic, 20, 1)), both("a", 10, "b", 10), "read_uncommitted");
    }

    private static void readCommitted(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        KafkaProducer<byte[], byte[]> producer = transactional(ctx, ctx.fresh("id"));
        producer.beginTransaction();
        send(ctx, producer, topic, "open");
        ctx.produce(topic, ctx.numbered(topic, 5, "plain"));
        Harness.equal(ctx.read(topic, 15, 1).size(), 15, "records that read_uncommitted shows");
        Harness.equal(ctx.read(topic, 0, 1, COMMITTED).size(), 0, "records that read_committed shows meanwhile");
        TopicPartition place = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer(COMMITTED)) {
            Harness.equal(consumer.endOffsets(List.of(place)).get(place), 0L, "the last stable offset");
        }
        producer.commitTransaction();
        Harness.equal(Context.values(ctx.read(topic, 15, 1, COMMITTED)), both("open", 10, "plain", 5), "records after the commit");
    }

    private static void fencing(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        String id = ctx.fresh("id");
        KafkaProducer<byte[], byte[]> zombie = transactional(ctx, id);
        zombie.beginTransaction();
        send(ctx, zombie, topic, "zombie");
        KafkaProducer<byte[], byte[]> heir = transactional(ctx, id);
        Harness.failsWith(() -> {
            send(ctx, zombie, topic, "late");
            zombie.commitTransaction();
        }, "a commit of the producer that was replaced", ProducerFencedException.class, InvalidProducerEpochException.class);
        heir.beginTransaction();
        send(ctx, heir, topic, "heir");
        heir.commitTransaction();
        Harness.equal(Context.values(ctx.read(topic, 10, 1, COMMITTED)), Context.wanted("heir", 10), "records after the fencing");
    }

    private static void consumeProduce(Context ctx) throws Exception {
        String source = ctx.topic(1);
        String sink = ctx.topic(1);
        String group = ctx.fresh("g");
        ctx.produce(source, ctx.numbered(source, 30, "in"));
        KafkaProducer<byte[], byte[]> producer = transactional(ctx, ctx.fresh("id"));
        TopicPartition place = new TopicPartition(source, 0);
        for (boolean keep : new boolean[] {false, true}) {
            try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer("group.id", group, "isolation.level", "read_committed")) {
                consumer.subscribe(List.of(source));
                List<ConsumerRecord<byte[], byte[]>> got = Context.poll(consumer, 30);
                producer.beginTransaction();
                for (ConsumerRecord<byte[], byte[]> record : got) {
                    byte[] value = Context.bytes(Context.text(record.value()).toUpperCase());
                    producer.send(new ProducerRecord<>(sink, record.key(), value));
                }
                producer.sendOffsetsToTransaction(Map.of(place, new OffsetAndMetadata(30)), consumer.groupMetadata());
                if (keep) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        Harness.equal(Context.values(ctx.read(sink, 30, 1, COMMITTED)), Context.wanted("IN", 30), "records carried over once");
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer("group.id", group)) {
            OffsetAndMetadata committed = consumer.committed(java.util.Set.of(place)).get(place);
            Harness.equal(committed.offset(), 30L, "the offset committed with the transaction");
        }
    }
}
