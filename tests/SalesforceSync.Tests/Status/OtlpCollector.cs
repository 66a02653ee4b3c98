using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SalesforceSync.Tests.Status;

/// <summary>Takes what is sent by OTLP over HTTP, over a real socket, and keeps it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _taken = new();
    private readonly WebApplication _server;

    private OtlpCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _taken.Enqueue((context.Request.Path, body.ToArray()));
        });
    }

    public Uri Address => new(_server.Urls.Single());

    public IEnumerable<OtlpSpan> Spans => _taken.Where(t => t.Path == "/v1/traces").SelectMany(t => OtlpSpan.Of(t.Body));

    /// <summary>All bytes that came.</summary>
    public string Text => string.Concat(_taken.Select(t => Encoding.UTF8.GetString(t.Body)));

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._server.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
