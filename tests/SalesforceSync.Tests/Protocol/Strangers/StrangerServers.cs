using System.Text.Json;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>The strangers' servers, one process each for all tests of a class, started when first asked for.</summary>
public sealed class StrangerServers : IAsyncLifetime, IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly Dictionary<string, Task<Server>> _servers = [];

    internal CertificateFiles Files => _files;

    internal Task<Server> GetAsync(string kind)
    {
        if (!_servers.TryGetValue(kind, out var server))
        {
            _servers[kind] = server = StartAsync(kind == "node" ? "grpc-server.mjs" : "grpc_server.py");
        }

        return server;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await (await server).Process.DisposeAsync();
        }
    }

    public void Dispose() => _files.Dispose();

    private async Task<Server> StartAsync(string script)
    {
        var process = Stranger.Start(script, [_files.Certificate, _files.Key]);
        var ready = await process.ReadAsync();
        return new Server(process, Address("http", "127.0.0.1", ready, "port"), Address("https", "localhost", ready, "tlsPort"));
    }

    private static Uri Address(string scheme, string host, JsonElement ready, string name) => new($"{scheme}://{host}:{ready.GetProperty(name).GetInt32()}");

    internal sealed record Server(Stranger Process, Uri Cleartext, Uri Tls);
}
