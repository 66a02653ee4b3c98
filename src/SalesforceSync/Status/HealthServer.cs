using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SalesforceSync.Status;

/// <summary>
/// The worker's HTTP server: <c>/health/live</c>, <c>/health/ready</c>, <c>/health/startup</c> on all interfaces. It never stops the worker: when the port
/// is taken it says so and tries again.
/// </summary>
internal sealed class HealthServer(WorkerHealth health, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<HealthServer>();
    private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The port, once it is bound.</summary>
    public Task<int> Listening => _listening.Task;

    /// <summary>Serves until told to stop; open requests then have a second to end.</summary>
    /// <param name="port">0 takes any free port.</param>
    public async Task RunAsync(int port, CancellationToken stop)
    {
        for (var isTakenSaid = false; !stop.IsCancellationRequested;)
        {
            await using var host = Build(port);
            try
            {
                await host.StartAsync(stop);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (!isTakenSaid)
                    _logger.PortTaken(port, e.Message);
                isTakenSaid = true;
                await Task.Delay(TryAgainAfter, time, stop);
                continue;
            }
            var bound = new Uri(host.Urls.First().Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
            _logger.Listening(bound);
            _listening.TrySetResult(bound);
            var stopped = new TaskCompletionSource();
            await using (stop.UnsafeRegister(_ => stopped.SetResult(), null))
                await stopped.Task;
            using var farewell = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            await host.StopAsync(farewell.Token);
        }
    }

    private WebApplication Build(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers).AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 200;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Listen(Any(), port);
        });
        var app = builder.Build();
        app.UseRouting();
        Route(app, "live", WorkerHealth.Live);
        Route(app, "startup", health.Startup);
        Route(app, "ready", health.Ready);
        return app;
    }

    private static void Route(WebApplication app, string name, Func<HealthAnswer> ask) =>
        app.MapMethods($"/health/{name}", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            var answer = ask();
            context.Response.StatusCode = answer.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsJsonAsync(new { status = answer.Status, reasons = answer.Reasons }, context.RequestAborted);
        });

    // IPv6 "any" takes IPv4 too, where the machine has IPv6 at all.
    private static IPAddress Any() => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
}
