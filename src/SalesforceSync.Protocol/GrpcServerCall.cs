using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SalesforceSync.Protocol;

/// <summary>What a handler sees of the call it answers, and the ways to end it that no well-behaved server uses.</summary>
public class GrpcServerCall
{
    private readonly HttpContext _context;

    internal GrpcServerCall(HttpContext context, DateTimeOffset? deadline, CancellationToken stop)
    {
        _context = context;
        Deadline = deadline;
        Stop = stop;
    }

    /// <summary>When the client stops waiting, by this machine's clock; null when it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Cancelled when the client has gone or cancelled, the connection broke, the server stops or the deadline has passed.</summary>
    public CancellationToken Stop { get; }

    /// <summary>True after <see cref="Reset"/> or <see cref="AbortConnection"/>: the call has no status any more.</summary>
    internal bool Broken { get; private set; }

    /// <summary>A request header by its lower-case name, several joined by commas; null when absent.</summary>
    public string? RequestHeader(string name) => _context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>Ends this stream with RST_STREAM and the HTTP/2 error code; the handler should return then. The connection lives on.</summary>
    public void Reset(int errorCode)
    {
        Broken = true;
        _context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode);
    }

    /// <summary>Closes the TCP connection under every stream on it, without a farewell.</summary>
    public void AbortConnection()
    {
        Broken = true;
        _context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
    }

    /// <summary>Sends GOAWAY: running streams go on to their end, new ones need another connection.</summary>
    public void GoAway() => _context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
}
