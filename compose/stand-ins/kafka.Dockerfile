# In place of apache/kafka:4: one broker, configured by variables KAFKA_… and CLUSTER_ID as that image is, and its user appuser.
FROM divolte-stand-in/debian:12
# The packages' own links into man pages are missing in a minimal system.
RUN groupadd -g 1000 appuser && useradd -u 1000 -g appuser -M -s /bin/false appuser \
 && mkdir -p /usr/share/man/man1 && apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /var/lib/kafka/data && chown appuser:appuser /var/lib/kafka/data
COPY kafka /opt/kafka
COPY run /etc/kafka/docker/run
RUN chmod 755 /etc/kafka/docker/run
USER appuser
VOLUME /var/lib/kafka/data
EXPOSE 9092
CMD ["/etc/kafka/docker/run"]
