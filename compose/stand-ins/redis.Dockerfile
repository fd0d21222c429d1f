# In place of redis:7: the server, and the user redis with the number that it has there.
FROM divolte-stand-in/debian:12
RUN groupadd -g 999 redis && useradd -u 999 -g redis -d /data -s /bin/false redis \
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /data && chown redis:redis /data
WORKDIR /data
VOLUME /data
EXPOSE 6379
CMD ["redis-server"]
