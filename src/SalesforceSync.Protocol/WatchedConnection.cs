using System.Net.Sockets;

namespace SalesforceSync.Protocol;

/// <summary>
/// What is known of the bytes that arrived on one connection. A process short of processor time leaves them lying: in the kernel, half read in HTTP's
/// buffers, or in a queue for the reader. Written by whoever reads the connection, asked from any thread.
/// </summary>
internal sealed class WatchedConnection(Socket socket, bool isTls)
{
    private readonly TlsRecordMeter? _records = isTls ? new() : null;
    private readonly Http2FrameMeter _frames = new();
    private long _turns;
    private volatile bool _isClosed;

    /// <summary>It will bring nothing any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Content of all messages that has come out of it.</summary>
    public long BodyBytes => _frames.BodyBytes;

    /// <summary>Everything read before has been handed up: who reads waits for more.</summary>
    public void Waits() => Interlocked.Increment(ref _turns);

    /// <summary>There is something, and nothing of it has been read yet. Alternates with <see cref="Waits"/>.</summary>
    public void Wakes() => Interlocked.Increment(ref _turns);

    /// <summary>Bytes as they came from the wire.</summary>
    public void Arrived(ReadOnlySpan<byte> bytes)
    {
        _records?.Pass(bytes);
        if (!isTls)
        {
            _frames.Pass(bytes);
        }
    }

    /// <summary>Bytes that TLS has made of them.</summary>
    public void Decrypted(ReadOnlySpan<byte> bytes) => _frames.Pass(bytes);

    public void Closed() => _isClosed = true;

    /// <summary>Whether nothing is left of what had arrived: neither in the kernel nor on its way through HTTP.</summary>
    /// <param name="bodyBytes">What had come out of it then.</param>
    public bool IsDrained(out long bodyBytes)
    {
        var turn = Interlocked.Read(ref _turns);
        bodyBytes = _frames.BodyBytes;
        // An odd number of turns: a read waits. The same number at the end: it has read nothing meanwhile.
        return (turn & 1) == 1 && _frames.IsBetween && _records?.IsBetween != false && IsKernelEmpty() && Interlocked.Read(ref _turns) == turn;
    }

    private bool IsKernelEmpty()
    {
        try
        {
            return socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Its reader is about to learn it.
            return false;
        }
    }
}
