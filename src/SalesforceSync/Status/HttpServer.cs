using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;

namespace SalesforceSync.Status;

/// <summary>
/// The worker's HTTP server, on all interfaces: what <see cref="Routes"/> says, to whom the <see cref="Door"/> lets in. It never stops the worker: when the
/// port is taken it says so and tries again.
/// </summary>
internal sealed class HttpServer(Routes routes, Secret? token, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Room for everybody who watches: a stream of events holds a connection for hours.</summary>
    private const int MostConnections = 1_000;

    private readonly Door _door = new(token, time);
    private readonly ILogger _logger = loggers.CreateLogger<HttpServer>();
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
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Listen(Any(), port);
        });
        var app = builder.Build();
        app.UseRouting();
        app.Use(GuardAsync);
        routes.Map(app);
        return app;
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.GetEndpoint() is { } endpoint && Refuse(endpoint.Metadata.GetMetadata<Who>()?.Access, context) is { } refusal)
        {
            if (refusal.Status == StatusCodes.Status401Unauthorized)
                headers.WWWAuthenticate = "Bearer";
            await Problem.AnswerAsync(context, refusal.Status, refusal.Detail);
            return;
        }
        await next(context);
    }

    /// <summary>What does not say who it is for is for those who may have everything.</summary>
    private Door.Refusal? Refuse(Access? access, HttpContext context) => access switch
    {
        Access.Anyone => null,
        Access.Page when token is not null => null,
        Access.Operator => Door.LookAtOrigin(context.Request) ?? _door.Look(context),
        _ => _door.Look(context),
    };

    // IPv6 "any" takes IPv4 too, where the machine has IPv6 at all.
    private static IPAddress Any() => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
}
