using System.Net;
using System.Net.Sockets;

namespace SalesforceSync.Tests.Chaos;

/// <summary>One connection through a proxy: two sockets, and what carries bytes from each to the other.</summary>
/// <param name="exchanges">Null where the bytes are nobody's business.</param>
internal sealed class ChaosLink(Socket client, IPEndPoint target, PostgresExchanges? exchanges, Func<Weather> weather, ProxyTally tally, int seed) : IDisposable
{
    private const int Portion = 32 * 1024;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _isReset;
    private volatile bool _isSilent;

    /// <summary>Carries until both sides have ended or the link is reset. Never fails for what the network did.</summary>
    public async Task CarryAsync(CancellationToken stop)
    {
        client.NoDelay = true;
        try
        {
            if (!_isSilent)
                await _server.ConnectAsync(target, stop);
            await Task.WhenAll(UpAsync(new Random(seed), stop), DownAsync(new Random(~seed), stop));
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // Nothing listens there, or the link was reset: the client learns it by its own socket.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    public void FallSilent() => _isSilent = true;

    /// <summary>RST to both sides; what was under way is lost.</summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref _isReset, 1) != 0)
            return;
        tally.CountReset();
        foreach (var socket in new[] { client, _server })
            Abort(socket);
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // It was gone before.
        }
    }

    private async Task UpAsync(Random random, CancellationToken stop)
    {
        var buffer = new byte[Portion];
        while (await ReadAsync(client, buffer, stop) is > 0 and var read)
        {
            if (_isSilent)
            {
                tally.CountSwallowed();
                continue;
            }
            var passed = exchanges?.Asked(buffer.AsSpan(0, read)) ?? read;
            await WriteAsync(_server, buffer.AsMemory(0, passed), random, stop);
            if (passed < read)
            {
                Reset();
                return;
            }
        }
        Finish(_server);
    }

    private async Task DownAsync(Random random, CancellationToken stop)
    {
        var buffer = new byte[Portion];
        while (_server.Connected && await ReadAsync(_server, buffer, stop) is > 0 and var read)
        {
            if (_isSilent)
            {
                tally.CountSwallowed();
                continue;
            }
            var (length, isCut) = exchanges?.Answered(buffer.AsSpan(0, read)) ?? (read, false);
            await WriteAsync(client, buffer.AsMemory(0, length), random, stop);
            if (isCut)
            {
                Reset();
                return;
            }
        }
        Finish(client);
    }

    /// <summary>0 at the end, however it came.</summary>
    private static async Task<int> ReadAsync(Socket from, byte[] buffer, CancellationToken stop)
    {
        try
        {
            return await from.ReceiveAsync(buffer, stop);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private async Task WriteAsync(Socket to, ReadOnlyMemory<byte> bytes, Random random, CancellationToken stop)
    {
        var now = weather();
        if (bytes.IsEmpty)
            return;
        if (now.Latency > TimeSpan.Zero)
        {
            tally.CountDelayed();
            await Task.Delay(now.Latency, TimeProvider.System, stop);
        }
        if (now.BytesPerSecond is { } rate)
        {
            tally.CountThrottled();
            await Task.Delay(TimeSpan.FromSeconds((double)bytes.Length / rate), TimeProvider.System, stop);
        }
        if (now.Slices && bytes.Length > 1)
            tally.CountSliced();
        while (!bytes.IsEmpty)
        {
            // Small pieces are as likely as large ones: a long answer is not cut a thousand times.
            var piece = now.Slices ? Math.Min(bytes.Length, random.Next(1, 2 << random.Next(13))) : bytes.Length;
            for (var part = bytes[..piece]; !part.IsEmpty;)
                part = part[await to.SendAsync(part, stop)..];
            bytes = bytes[piece..];
            // The reader may take what there is before more comes.
            if (now.Slices)
                await Task.Yield();
        }
    }

    /// <summary>What one side has ended the other hears of; behind a silence nobody hears anything.</summary>
    private void Finish(Socket to)
    {
        if (_isSilent)
            return;
        try
        {
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
