using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SalesforceSync.Diagnostics;
using SalesforceSync.Status;

namespace SalesforceSync.Tests.Status;

public class HttpServerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Health_is_answered_over_a_socket()
    {
        var health = new WorkerHealth(TimeProvider.System);
        var server = ServedWorker.Server(health);
        await using var running = new TaskGroup(None);
        running.Start("http", stop => server.RunAsync(0, stop));
        var url = $"http://127.0.0.1:{await server.Listening}/health/";
        (await GetAsync(url + "live")).ShouldBe("200 ok: ");
        (await GetAsync(url + "startup")).ShouldBe("503 failing: starting, Postgres has not been reached yet");
        (await GetAsync(url + "ready")).ShouldBe("503 failing: starting, Postgres has not been reached yet");
        health.DatabaseReached();
        health.StartupDone();
        health.Set("acme", OrgState.Streaming);
        (await GetAsync(url + "startup")).ShouldBe("200 ok: ");
        (await GetAsync(url + "ready")).ShouldBe("200 ok: ");
        health.Set("acme", OrgState.Degraded, "1 open gap");
        (await GetAsync(url + "ready")).ShouldBe("200 ok: acme: degraded: 1 open gap");
        health.Set("acme", OrgState.Failed, "sign-in refused");
        (await GetAsync(url + "ready")).ShouldBe("503 failing: acme: failed: sign-in refused");
        health.Set("acme", OrgState.Standby);
        (await GetAsync(url + "ready")).ShouldBe("200 ok: ");
        using var client = new HttpClient();
        (await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url + "ready"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync(url + "ready", null)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await client.GetAsync(url + "other")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_tried_again()
    {
        using var taker = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        taker.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        taker.Listen();
        var port = ((IPEndPoint)taker.LocalEndPoint!).Port;
        var log = new HeardLog();
        using var loggers = LoggerFactory.Create(b => b.AddProvider(log));
        var clock = new ImpatientTime();
        var server = ServedWorker.Server(new WorkerHealth(clock), time: clock, loggers: loggers);
        await using var running = new TaskGroup(None);
        running.Start("http", stop => server.RunAsync(port, stop));
        (await log.First).ShouldContain($"port {port} cannot be had");
        taker.Dispose();
        (await server.Listening).ShouldBe(port);
    }

    private static async Task<string> GetAsync(string url)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(url);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var reasons = json.RootElement.GetProperty("reasons").EnumerateArray().Select(r => r.GetString());
        return $"{(int)response.StatusCode} {json.RootElement.GetProperty("status").GetString()}: {string.Join(", ", reasons)}";
    }

    /// <summary>Its timers are a hundred times as fast.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 100, period);
    }

    private sealed class HeardLog : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> First => _first.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 8002)
                _first.TrySetResult(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
