import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a group in a process of its own, so that it can crash. */
final class Crashing {
    public static void main(String[] args) {
        Properties config = new Properties();
        config.put("bootstrap.servers", args[0]);
        config.put("group.id", args[1]);
        config.put("client.id", "java");
        for (int i = 0; i < Groups.QUICK.length; i += 2) {
            config.put(Groups.QUICK[i], Groups.QUICK[i + 1]);
        }
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(args[2]));
            while (ProcessHandle.of(parent).isPresent()) {
                consumer.poll(Duration.ofMillis(100));
            }
        }
    }
}
