# In place of mcr.microsoft.com/dotnet/aspnet:10.0: the runtime, and the user app that it has.
FROM divolte-stand-in/debian:12
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libstdc++6 libssl3 zlib1g tzdata >/dev/null && rm -rf /var/lib/apt/lists/*
COPY dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && groupadd -g 1654 app && useradd -u 1654 -g app -m -s /bin/false app
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true
