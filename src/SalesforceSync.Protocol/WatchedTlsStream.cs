using System.Net.Security;

namespace SalesforceSync.Protocol;

/// <summary>TLS that tells a <see cref="WatchedConnection"/> what came out of it.</summary>
internal sealed class WatchedTlsStream(WatchedSocketStream socket, WatchedConnection watched) : SslStream(socket, leaveInnerStreamOpen: false)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        watched.Decrypted(buffer.Span[..read]);
        return read;
    }
}
