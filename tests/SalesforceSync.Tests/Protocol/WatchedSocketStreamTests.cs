using System.Net;
using System.Net.Sockets;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

public class WatchedSocketStreamTests
{
    /// <summary>What arrives while something is being read is read with it; the kernel's news of it comes all the same, and is no reason to believe in more.</summary>
    [Fact]
    public async Task Reader_that_has_everything_is_known_to_wait_however_it_was_woken()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await peer.ConnectAsync(listener.LocalEndPoint!);
        var socket = await listener.AcceptAsync();
        var watched = new WatchedConnection(socket, isTls: false);
        await using var stream = new WatchedSocketStream(socket, watched);
        var taken = 0L;
        var reading = ReadAsync();
        // An empty DATA frame in three parts.
        byte[] frame = [0, 0, 0, 0, 0, 0, 0, 0, 1];
        for (var i = 1; i <= 3_000; i++)
        {
            peer.Send(frame.AsSpan(0, 3));
            peer.Send(frame.AsSpan(3, 3));
            peer.Send(frame.AsSpan(6, 3));
            var sent = i * frame.Length;
            SpinWait.SpinUntil(() => Interlocked.Read(ref taken) == sent && watched.IsDrained(out _), TimeSpan.FromSeconds(10)).ShouldBeTrue($"after {i} frames, {taken} bytes of {sent}");
        }
        peer.Shutdown(SocketShutdown.Send);
        (await reading.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(3_000 * frame.Length);

        async Task<long> ReadAsync()
        {
            var buffer = new byte[64];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
                Interlocked.Add(ref taken, read);
            return Interlocked.Read(ref taken);
        }
    }
}
