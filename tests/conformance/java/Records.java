import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Producing and consuming: what goes in comes out, byte by byte. */
final class Records {
    static void list() {
        Harness.behaviour("produce-consume", Records::produceConsume);
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
            Harness.behaviour("codec-" + codec, ctx -> roundTrip(ctx, 2, 200, " and more".repeat(40), "compression.type", codec));
        }
        Harness.behaviour("headers", Records::headers);
        Harness.behaviour("null-key-value", Records::nulls);
        Harness.behaviour("record-1mb", ctx -> roundTrip(ctx, 1, 5, "x".repeat(1_000_000)));
        Harness.behaviour("record-too-large", Records::tooLarge);
        for (String acks : List.of("0", "1", "all")) {
            Harness.behaviour("acks-" + acks, ctx -> roundTrip(ctx, 1, 50, "", "acks", acks, "enable.idempotence", "" + acks.equals("all")));
        }
        Harness.behaviour("idempotence", ctx -> roundTrip(ctx, 3, 500, "", "enable.idempotence", "true"));
        Harness.behaviour("seek", Records::seek);
        Harness.behaviour("seek-to-time", Records::seekToTime);
        Harness.behaviour("watermarks", Records::watermarks);
        Harness.behaviour("pause-resume", Records::pauseResume);
        Harness.behaviour("long-poll", Records::longPoll);
    }

    private static List<ConsumerRecord<byte[], byte[]>> roundTrip(Context ctx, int partitions, int count, String more, String... options)
            throws Exception {
        String topic = ctx.topic(partitions);
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(new ProducerRecord<>(topic, Context.bytes("k" + i % 20), Context.bytes(i + more)));
        }
        ctx.produce(topic, sent, options);
        List<ConsumerRecord<byte[], byte[]>> got = ctx.read(topic, count, partitions);
        Harness.equal(got.size(), count, "records, none twice");
        Harness.equal(Context.byKey(got), Context.sentByKey(sent), "values by key, in order");
        return got;
    }

    private static void produceConsume(Context ctx) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> got = roundTrip(ctx, 3, 300, "");
        Set<Integer> partitions = new TreeSet<>();
        got.forEach(record -> partitions.add(record.partition()));
        Harness.equal(partitions, Set.of(0, 1, 2), "partitions with records");
        for (int partition : partitions) {
            List<Long> offsets = got.stream().filter(r -> r.partition() == partition).map(ConsumerRecord::offset).toList();
            for (int i = 0; i < offsets.size(); i++) {
                Harness.equal(offsets.get(i), (long) i, "offsets of partition " + partition);
            }
        }
    }

    private static void headers(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        List<Header> wanted = List.of(
                new RecordHeader("a", Context.bytes("1")), new RecordHeader("a", Context.bytes("2")),
                new RecordHeader("nothing", (byte[]) null), new RecordHeader("empty", new byte[0]), new RecordHeader("a", Context.bytes("1")));
        ctx.produce(topic, List.of(new ProducerRecord<>(topic, null, Context.bytes("k"), Context.bytes("v"), wanted)));
        List<Header> got = Arrays.asList(ctx.read(topic, 1, 1).get(0).headers().toArray());
        Harness.equal(got, wanted, "headers, with a repeated name and a null value");
    }

    private static void nulls(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        List<List<String>> wanted = List.of(
                Arrays.asList(null, "v"), Arrays.asList("k", null), Arrays.asList(null, null), List.of("", ""), List.of("k", ""));
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (List<String> pair : wanted) {
            sent.add(new ProducerRecord<>(topic, 0, orNull(pair.get(0)), orNull(pair.get(1))));
        }
        ctx.produce(topic, sent);
        List<List<String>> got = new ArrayList<>();
        ctx.read(topic, wanted.size(), 1).forEach(record -> got.add(Arrays.asList(Context.text(record.key()), Context.text(record.value()))));
        Harness.equal(got, wanted, "null and empty keys and values");
    }

    private static byte[] orNull(String text) {
        return text == null ? null : Context.bytes(text);
    }

    private static void tooLarge(Context ctx) throws Exception {
        String topic = ctx.topic(1, 1, Map.of("max.message.bytes", "20000"));
        Harness.failsWith(
                () -> ctx.produce(topic, List.of(new ProducerRecord<>(topic, new byte[30_000]))),
                "a record above max.message.bytes", RecordTooLargeException.class);
        ctx.produce(topic, List.of(new ProducerRecord<>(topic, new byte[10_000])));
        Harness.equal(ctx.read(topic, 1, 1).size(), 1, "records after the one refused");
    }

    private static void seek(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        ctx.produce(topic, ctx.numbered(topic, 100, "v"));
        TopicPartition place = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer()) {
            consumer.assign(List.of(place));
            for (long offset : new long[] {40, 7, 99}) {
                consumer.seek(place, offset);
                Harness.equal(Context.poll(consumer, 1).get(0).offset(), offset, "first offset after a seek");
            }
            consumer.seekToEnd(List.of(place));
            Harness.equal(consumer.position(place), 100L, "position after a seek to the end");
        }
    }

    private static void seekToTime(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        long base = System.currentTimeMillis() - 100_000;
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sent.add(new ProducerRecord<>(topic, 0, base + i * 1000L, null, Context.bytes("v" + i)));
        }
        ctx.produce(topic, sent);
        TopicPartition place = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer()) {
            Harness.equal(consumer.offsetsForTimes(Map.of(place, base + 20_500)).get(place).offset(), 21L, "offset at or after a time");
            Harness.equal(consumer.offsetsForTimes(Map.of(place, base + 10_000_000)).get(place), null, "beyond the last time");
            consumer.assign(List.of(place));
            consumer.seek(place, 21);
            Harness.equal(Context.poll(consumer, 1).get(0).timestamp(), base + 21_000, "timestamp of the record found");
        }
    }

    private static void watermarks(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        ctx.produce(topic, ctx.numbered(topic, 12, "v"));
        TopicPartition place = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer()) {
            Harness.equal(consumer.beginningOffsets(List.of(place)), Map.of(place, 0L), "first offset");
            Harness.equal(consumer.endOffsets(List.of(place)), Map.of(place, 12L), "end");
        }
    }

    private static void pauseResume(Context ctx) throws Exception {
        String topic = ctx.topic(2);
        List<TopicPartition> both = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer()) {
            consumer.assign(both);
            consumer.pause(both.subList(0, 1));
            List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sent.add(new ProducerRecord<>(topic, i % 2, null, Context.bytes("" + i)));
            }
            ctx.produce(topic, sent);
            List<ConsumerRecord<byte[], byte[]>> got = Context.poll(consumer, 20);
            for (int i = 0; i < 5; i++) {
                consumer.poll(Duration.ofMillis(100)).forEach(got::add);
            }
            Harness.check(got.stream().allMatch(record -> record.partition() == 1), "the paused partition gave records");
            consumer.resume(both.subList(0, 1));
            Harness.check(Context.poll(consumer, 20).stream().allMatch(record -> record.partition() == 0), "the other one again");
        }
    }

    private static void longPoll(Context ctx) throws Exception {
        String topic = ctx.topic(1);
        try (KafkaConsumer<byte[], byte[]> consumer = ctx.consumer("fetch.max.wait.ms", "20000")) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            Harness.check(consumer.poll(Duration.ofMillis(500)).isEmpty(), "nothing there yet");
            long started = System.currentTimeMillis();
            ctx.produce(topic, ctx.numbered(topic, 1, "v"));
            Context.poll(consumer, 1);
            long took = System.currentTimeMillis() - started;
            Harness.check(took < 10_000, "the fetch took " + took + " ms to notice a record");
        }
    }
}
