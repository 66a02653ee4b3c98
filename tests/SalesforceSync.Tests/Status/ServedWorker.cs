using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpenTelemetry.Metrics;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;
using SalesforceSync.Status;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Status;

/// <summary>The HTTP server of a worker in this process, over a real socket.</summary>
internal sealed class ServedWorker : IAsyncDisposable
{
    private readonly TaskGroup _running = new(CancellationToken.None);
    private readonly List<IDisposable> _owned = [];

    private ServedWorker(HttpServer server) => _running.Start("http", stop => server.RunAsync(0, stop));

    /// <summary>Asks without a token unless one is set.</summary>
    public HttpClient Client { get; } = new();

    public static HttpServer Server(WorkerHealth health, MeterProvider? metrics = null, string? token = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        time ??= TimeProvider.System;
        return new(Routes(health, time, metrics), token is null ? null : new Secret(token), time, loggers ?? NullLoggerFactory.Instance);
    }

    /// <summary>Of a worker that copies nothing.</summary>
    public static Routes Routes(WorkerHealth health, TimeProvider time, MeterProvider? metrics)
    {
        var board = new Board(new SyncOptions { Postgres = new Secret(""), Orgs = [] }, time);
        var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        return new(health, board, new LiveOverview(board, new WorkerProgress(time), time), new RecordLives(nowhere, [], time), new Acts(nowhere, []), metrics);
    }

    /// <summary>Everything a worker's server has, of a copied org that runs.</summary>
    /// <param name="metrics">Opened before what is to be counted; ends with the server.</param>
    public static async Task<ServedWorker> OfAsync(CopiedOrg copied, MeterProvider metrics, string? token = null)
    {
        var gauges = new Gauges(copied.Progress, copied.Board, TimeProvider.System);
        var lives = new RecordLives(copied.Source, [copied.Options], TimeProvider.System);
        var live = new LiveOverview(copied.Board, copied.Progress, TimeProvider.System);
        var server = new HttpServer(
            new Routes(copied.Health, copied.Board, live, lives, new Acts(copied.Source, [copied.Options]), metrics), token is null ? null : new Secret(token), TimeProvider.System, NullLoggerFactory.Instance);
        var served = new ServedWorker(server);
        served._running.Start("overview", live.RunAsync);
        served._owned.AddRange([metrics, gauges, lives]);
        return await served.AtAsync(server);
    }

    public static async Task<ServedWorker> OfAsync(HttpServer server) => await new ServedWorker(server).AtAsync(server);

    public async Task<string> GetAsync(string path, string? token = null)
    {
        using var response = await AskAsync(path, token);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    public Task<HttpResponseMessage> AskAsync(string path, string? token = null, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _running.DisposeAsync();
        foreach (var owned in _owned) owned.Dispose();
    }

    private async Task<ServedWorker> AtAsync(HttpServer server)
    {
        Client.BaseAddress = new Uri($"http://127.0.0.1:{await server.Listening}");
        return this;
    }
}
