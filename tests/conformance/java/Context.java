import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What a behaviour gets: clients, names nobody else uses, and records to send. */
final class Context {
    final String bootstrap;
    final int brokers;
    private final String name;
    private final List<AutoCloseable> open = new ArrayList<>();
    private Admin admin;

    Context(String bootstrap, int brokers, String name) {
        this.bootstrap = bootstrap;
        this.brokers = brokers;
        this.name = name;
    }

    String fresh(String what) {
        return "java-" + name + "-" + what + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    String topic(int partitions) throws Exception {
        return topic(partitions, Math.min(brokers, 3), Map.of());
    }

    String topic(int partitions, int replicas, Map<String, String> configs) throws Exception {
        String topic = fresh("t");
        create(topic, partitions, replicas, configs);
        return topic;
    }

    void create(String topic, int partitions, int replicas, Map<String, String> configs) throws Exception {
        NewTopic wanted = new NewTopic(topic, partitions, (short) replicas).configs(configs);
        admin().createTopics(List.of(wanted)).all().get();
    }

    synchronized Admin admin() {
        if (admin == null) {
            admin = kept(Admin.create(config("request.timeout.ms", "10000")));
        }
        return admin;
    }

    Properties config(String... more) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("client.id", "java");
        config.put("metadata.max.age.ms", "3000");
        for (int i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        return config;
    }

    KafkaProducer<byte[], byte[]> producer(String... more) {
        Properties config = config(more);
        config.putIfAbsent("linger.ms", "5");
        config.putIfAbsent("max.request.size", "1100000");
        return kept(new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    KafkaConsumer<byte[], byte[]> consumer(String... more) {
        Properties config = config("auto.offset.reset", "earliest", "enable.auto.commit", "false", "fetch.max.wait.ms", "200");
        for (int i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    List<RecordMetadata> produce(String topic, List<ProducerRecord<byte[], byte[]>> records, String... more) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(more)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> record : records) {
                sent.add(producer.send(record));
            }
            producer.flush();
            List<RecordMetadata> placed = new ArrayList<>();
            for (Future<RecordMetadata> each : sent) {
                placed.add(each.get());
            }
            return placed;
        }
    }

    /** Reads so many records of all partitions from their start; then what else comes in a moment. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic, int count, int partitions, String... more) throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(more)) {
            List<TopicPartition> places = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                places.add(new TopicPartition(topic, partition));
            }
            consumer.assign(places);
            consumer.seekToBeginning(places);
            List<ConsumerRecord<byte[], byte[]>> got = poll(consumer, count);
            consumer.poll(Duration.ofMillis(200)).forEach(got::add);
            return got;
        }
    }

    static List<ConsumerRecord<byte[], byte[]>> poll(KafkaConsumer<byte[], byte[]> consumer, int count) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        Harness.waitUntil(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(got::add);
            return got.size() >= count;
        }, () -> count + " records, got " + got.size());
        return got;
    }

    List<ProducerRecord<byte[], byte[]>> numbered(String topic, int count, String prefix) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new ProducerRecord<>(topic, bytes("k" + i % 10), bytes(prefix + i)));
        }
        return records;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(record -> text(record.value())).toList();
    }

    static List<String> wanted(String prefix, int count) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(prefix + i);
        }
        return values;
    }

    static Map<String, List<String>> byKey(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, List<String>> found = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            found.computeIfAbsent(text(record.key()), key -> new ArrayList<>()).add(text(record.value()));
        }
        return found;
    }

    static Map<String, List<String>> sentByKey(List<ProducerRecord<byte[], byte[]>> records) {
        Map<String, List<String>> found = new TreeMap<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            found.computeIfAbsent(text(record.key()), key -> new ArrayList<>()).add(text(record.value()));
        }
        return found;
    }

    <T extends AutoCloseable> T kept(T thing) {
        open.add(thing);
        return thing;
    }

    void close() {
        for (AutoCloseable thing : open) {
            try {
                if (thing instanceof KafkaProducer<?, ?> producer) {
                    producer.close(Duration.ofSeconds(2));
                } else if (thing instanceof Admin client) {
                    client.close(Duration.ofSeconds(2));
                } else {
                    thing.close();
                }
            } catch (Exception error) {
                error.printStackTrace();
            }
        }
    }
}
