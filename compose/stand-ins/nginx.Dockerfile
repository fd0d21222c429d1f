# In place of nginx:1: the server, and the user nginx with the number that it has there.
FROM divolte-stand-in/debian:12
RUN groupadd -g 101 nginx && useradd -u 101 -g nginx -M -s /bin/false nginx \
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light >/dev/null && rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
