# In place of mcr.microsoft.com/dotnet/sdk:10.0.
FROM divolte-stand-in/debian:12
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libstdc++6 libssl3 libicu72 zlib1g git >/dev/null && rm -rf /var/lib/apt/lists/*
COPY dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
# Packages come through a proxy whose certificates have no list of revocations.
ENV DOTNET_RUNNING_IN_CONTAINER=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NUGET_CERT_REVOCATION_MODE=offline
