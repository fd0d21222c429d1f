# The silo: all grains, the journal or its connection, and, alone, HTTP too.
#   docker build -f compose/silo.Dockerfile -t divolte-silo .        from the root of the repository
# Where images cannot be pulled, compose/base-images makes stand-ins for the two that it starts from.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS build
WORKDIR /source
# What decides about packages comes first, so that a change of code fetches none again.
COPY global.json nuget.config Directory.Build.props Directory.Packages.props Program.props BannedSymbols.txt ./
COPY Grains.Interfaces/Grains.Interfaces.csproj Grains.Interfaces/packages.lock.json Grains.Interfaces/
COPY Frontend/Frontend.csproj Frontend/packages.lock.json Frontend/
COPY Grains/Grains.csproj Grains/packages.lock.json Grains/
COPY Silo/Silo.csproj Silo/packages.lock.json Silo/
RUN dotnet restore Silo --locked-mode -v quiet
COPY . .
ARG REVISION
RUN dotnet publish Silo --no-restore -c Release -v quiet -nologo -p:RunAnalyzers=false "-p:SourceRevisionId=${REVISION}" -o /opt/divolte

FROM ${ASPNET_IMAGE}
ARG REVISION
LABEL org.opencontainers.image.title="Divolte.Orleans silo" \
      org.opencontainers.image.description="An event collector for clickstreams: grains, journal and sinks; alone, the whole collector" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/divolte /opt/divolte
COPY compose/ready /usr/local/bin/divolte-ready
# A configuration is mounted at /etc/divolte; journal, files and dead letters live in the volume. Nothing else is written but /tmp.
# The second directory is for a volume that silos of a grid share; a new one takes over its owner.
RUN mkdir -p /etc/divolte /var/lib/divolte /var/lib/divolte-spill && chown 1654:1654 /var/lib/divolte /var/lib/divolte-spill
USER 1654:1654
WORKDIR /var/lib/divolte
VOLUME /var/lib/divolte
ENV DIVOLTE_CONF_DIR=/etc/divolte \
    DIVOLTE_DATA_DIR=/var/lib/divolte/data \
    DIVOLTE_ADMIN_HOST=0.0.0.0
EXPOSE 8290 8291 11111 30000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["divolte-ready"]
# The program is process 1 and gets the signals itself. Options and commands of its own may follow: docker run IMAGE check.
ENTRYPOINT ["dotnet", "/opt/divolte/Divolte.Silo.dll", "-Ddivolte.global.server.host=0.0.0.0"]
