package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Flink's own Prometheus reporter listens on every address; this one, which is the same otherwise, on the loopback. */
public final class LoopbackReporterFactory implements MetricReporterFactory {
    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new LoopbackReporter(Integer.parseInt(properties.getProperty("port")));
    }

    private static final class LoopbackReporter extends AbstractPrometheusReporter {
        private final HTTPServer server;

        LoopbackReporter(int port) {
            try {
                server = new HTTPServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), registry);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }

        @Override
        public void close() {
            server.stop();
            super.close();
        }
    }
}
