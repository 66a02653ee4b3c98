using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SalesforceSync.Tests.Protocol;

/// <summary>
/// A server that speaks just enough HTTP/2 to misbehave: it answers each request (HEADERS frame) with the bytes the test gives.
/// No real server sends a GOAWAY that takes back a stream, or half a message, on demand.
/// </summary>
internal sealed class RawHttp2Peer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, int, byte[]> _answer;
    private readonly Task _accepting;
    private int _requests;
    private volatile NetworkStream? _last;

    /// <param name="answer">Gets the number of the request (from 1) and its stream id; an empty answer is silence.</param>
    public RawHttp2Peer(Func<int, int, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Requests => _requests;

    public int Connections { get; private set; }

    /// <summary>Sends more on the last connection, at once and on the caller's thread.</summary>
    public void Send(params byte[] bytes) => _last!.Write(bytes);

    public static byte[] Frame(byte type, byte flags, int stream, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    public static byte[] Reset(int stream, int code) => Frame(3, 0, stream, 0, 0, 0, (byte)code);

    public static byte[] GoAway(int lastStream, int code) => Frame(7, 0, 0, 0, 0, 0, (byte)lastStream, 0, 0, 0, (byte)code);

    public static byte[] Data(int stream, params byte[] bytes) => Frame(0, 0, stream, bytes);

    /// <summary>Response headers: status 200 and content type gRPC.</summary>
    public static byte[] Headers(int stream, string status = "200", string contentType = "application/grpc")
        => Frame(1, 4, stream, [0x08, .. Text(status), 0x0f, 0x10, .. Text(contentType)]);

    public static byte[] Trailers(int stream, params (string Name, string Value)[] trailers)
        => Frame(1, 5, stream, [.. trailers.SelectMany(t => (byte[])[0x00, .. Text(t.Name), .. Text(t.Value)])]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = _last = client.GetStream();
                await stream.ReadExactlyAsync(new byte[24], _stop.Token);
                await stream.WriteAsync(Frame(4, 0, 0), _stop.Token);
                var head = new byte[9];
                while (true)
                {
                    await stream.ReadExactlyAsync(head, _stop.Token);
                    await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8], _stop.Token);
                    if (head[3] == 4 && head[4] == 0)
                    {
                        await stream.WriteAsync(Frame(4, 1, 0), _stop.Token);
                    }
                    else if (head[3] == 1)
                    {
                        var id = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
                        await stream.WriteAsync(_answer(Interlocked.Increment(ref _requests), id), _stop.Token);
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client or the test has ended.
            }
        }
    }
}
