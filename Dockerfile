FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Packages first, as locked: this layer is built again only when a project file changes.
COPY global.json Ahead.targets Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/SalesforceSync.Protocol/SalesforceSync.Protocol.csproj src/SalesforceSync.Protocol/packages.lock.json src/SalesforceSync.Protocol/
COPY src/SalesforceSync.Simulator/SalesforceSync.Simulator.csproj src/SalesforceSync.Simulator/packages.lock.json src/SalesforceSync.Simulator/
COPY src/SalesforceSync/SalesforceSync.csproj src/SalesforceSync/packages.lock.json src/SalesforceSync/
RUN dotnet restore src/SalesforceSync --locked-mode -p:Ahead=true

COPY proto proto
COPY db db
COPY src src
RUN dotnet publish src/SalesforceSync -c Release --no-restore -p:Ahead=true -p:SatelliteResourceLanguages=en -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app

# No diagnostics socket: the root file system may be read-only. The base image's HTTP port setting is not ours: Http:Port is.
ENV DOTNET_EnableDiagnostics=0 ASPNETCORE_HTTP_PORTS=

# An appsettings.json mounted here is read; secrets are read from /run/secrets.
WORKDIR /config
# A number, so that an orchestrator can see that it is not root.
USER 65534:65534
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/app/salesforce-sync", "health"]
ENTRYPOINT ["/app/salesforce-sync"]
CMD ["run"]
