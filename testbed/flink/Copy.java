import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Copies topics from one Kafka cluster to another, at least once: keys, values, headers, timestamps, partitions. */
public final class Copy {
    private static final int CHECKPOINT_MS = 5000;

    /** A record on its way. */
    public static final class Moved implements Serializable {
        public String topic;
        public int partition;
        public long timestamp;
        public byte[] key;
        public byte[] value;
        public List<String> headerNames = new ArrayList<>();
        public List<byte[]> headerValues = new ArrayList<>();
    }

    private static final class Read implements KafkaRecordDeserializationSchema<Moved> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Moved> out) {
            Moved moved = new Moved();
            moved.topic = record.topic();
            moved.partition = record.partition();
            moved.timestamp = record.timestamp();
            moved.key = record.key();
            moved.value = record.value();
            for (Header header : record.headers()) {
                moved.headerNames.add(header.key());
                moved.headerValues.add(header.value());
            }
            out.collect(moved);
        }

        @Override
        public TypeInformation<Moved> getProducedType() {
            return TypeInformation.of(Moved.class);
        }
    }

    private static final class Write implements KafkaRecordSerializationSchema<Moved> {
        @Override
        public ProducerRecord<byte[], byte[]> serialize(Moved moved, KafkaSinkContext context, Long timestamp) {
            List<Header> headers = new ArrayList<>();
            for (int at = 0; at < moved.headerNames.size(); at++) {
                headers.add(new RecordHeader(moved.headerNames.get(at), moved.headerValues.get(at)));
            }
            return new ProducerRecord<>(
                    moved.topic, moved.partition, moved.timestamp, moved.key, moved.value, headers);
        }
    }

    /** Runs until it is stopped. Arguments: job, source, target, topics with commas between, port of the metrics. */
    public static void main(String[] args) throws Exception {
        String job = args[0];
        KafkaSource<Moved> source =
                KafkaSource.<Moved>builder()
                        .setBootstrapServers(args[1])
                        .setTopics(args[3].split(","))
                        .setGroupId(job)
                        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                        .setProperty("isolation.level", "read_committed")
                        .setDeserializer(new Read())
                        .build();
        KafkaSink<Moved> sink =
                KafkaSink.<Moved>builder()
                        .setBootstrapServers(args[2])
                        .setKafkaProducerConfig(new Properties())
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        .setRecordSerializer(new Write())
                        .build();
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.getExecutionEnvironment(settings(args[4]));
        flink.setParallelism(1);
        flink.enableCheckpointing(CHECKPOINT_MS);
        flink.fromSource(source, WatermarkStrategy.noWatermarks(), "source").sinkTo(sink).name("sink");
        flink.execute(job);
    }

    private static Configuration settings(String port) {
        Configuration settings = new Configuration();
        settings.setString("jobmanager.bind-host", "127.0.0.1"); // or its blob server listens on every address
        settings.setString("rest.bind-address", "127.0.0.1");
        settings.setString("rest.address", "127.0.0.1");
        settings.setString("rest.port", "0");
        settings.setString("metrics.reporters", "prom");
        settings.setString(
                "metrics.reporter.prom.factory.class",
                "org.apache.flink.metrics.prometheus.LoopbackReporterFactory");
        settings.setString("metrics.reporter.prom.port", port);
        settings.setString("metrics.reporter.prom.filterLabelValueCharacters", "false");
        settings.setString("pipeline.object-reuse", "true"); // or every record is copied on its way
        settings.setString("taskmanager.memory.network.min", "16mb");
        settings.setString("taskmanager.memory.network.max", "16mb");
        settings.setString("taskmanager.memory.managed.size", "16mb");
        return settings;
    }
}
