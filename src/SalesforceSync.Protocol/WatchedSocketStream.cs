using System.Net.Sockets;

namespace SalesforceSync.Protocol;

/// <summary>The socket's own stream, which tells a <see cref="WatchedConnection"/> when it waits and what it reads. HTTP/2 and TLS read by this one method.</summary>
internal sealed class WatchedSocketStream(Socket socket, WatchedConnection watched) : NetworkStream(socket, ownsSocket: true)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Reading nothing waits until there is something and leaves it in the kernel: so no byte is ever in neither place.
        int nothing;
        do
        {
            watched.Waits();
            try
            {
                nothing = await base.ReadAsync(Memory<byte>.Empty, cancellationToken);
            }
            finally
            {
                watched.Wakes();
            }
        }
        // It may have been woken for bytes that the read before took with it: then it still waits, and must be known to.
        while (!Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead));

        if (buffer.IsEmpty)
        {
            return nothing;
        }

        var read = await base.ReadAsync(buffer, cancellationToken);
        watched.Arrived(buffer.Span[..read]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        watched.Closed();
        base.Dispose(disposing);
    }
}
