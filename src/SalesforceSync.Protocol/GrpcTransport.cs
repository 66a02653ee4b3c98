using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace SalesforceSync.Protocol;

/// <summary>
/// HTTP/2 to one endpoint over connections of its own, opened when needed. TLS is always verified; cleartext is for loopback addresses only.
/// </summary>
internal sealed class GrpcTransport : IDisposable
{
    private readonly Uri _endpoint;
    private readonly X509Certificate2Collection? _roots;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _connected;
    private readonly HttpMessageInvoker _invoker;
    private readonly Lock _gate = new();
    private readonly List<WatchedConnection> _connections = [];

    /// <param name="connected">Told the round trip of each connection that was opened.</param>
    public GrpcTransport(Uri endpoint, X509Certificate2Collection? roots, TimeProvider time, Action<TimeSpan> connected)
    {
        (_endpoint, _roots, _time, _connected) = (endpoint, roots, time, connected);
        // Not HttpClient: it would buffer and give up after 100 seconds.
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // With one connection the 101st stream waits until another ends.
            EnableMultipleHttp2Connections = true,
            // A window of 64 KB would cap a distant stream at 64 KB per round trip.
            InitialHttp2StreamWindowSize = 1024 * 1024,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        });
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) => _invoker.SendAsync(request, stop);

    /// <summary>Whether nothing that arrived is on its way any more, on any connection that lives.</summary>
    /// <param name="bodyBytes">What had come out of all connections by then.</param>
    public bool IsDrained(out long bodyBytes)
    {
        bodyBytes = 0;
        lock (_gate)
        {
            foreach (var connection in _connections)
            {
                var of = connection.BodyBytes;
                if (!connection.IsClosed && !connection.IsDrained(out of))
                {
                    return false;
                }

                bodyBytes += of;
            }

            return true;
        }
    }

    /// <summary>No further call is begun; those that run go on, and their connection closes after them.</summary>
    public void Dispose() => _invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = await OpenAsync(context.DnsEndPoint, stop);
        var isTls = _endpoint.Scheme == Uri.UriSchemeHttps;
        var watched = new WatchedConnection(socket, isTls);
        var stream = new WatchedSocketStream(socket, watched);
        lock (_gate)
        {
            _connections.Add(watched);
        }

        return isTls ? await SecureAsync(stream, watched, context.DnsEndPoint.Host, stop) : stream;
    }

    // The handler would do it itself, but what comes out of TLS would be out of our sight.
    private async Task<Stream> SecureAsync(WatchedSocketStream socket, WatchedConnection watched, string host, CancellationToken stop)
    {
        var tls = new WatchedTlsStream(socket, watched);
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = host, ApplicationProtocols = [SslApplicationProtocol.Http2] };
            if (_roots is not null)
            {
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
            }

            await tls.AuthenticateAsClientAsync(options, stop);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<Socket> OpenAsync(DnsEndPoint host, CancellationToken stop)
    {
        var cleartext = _endpoint.Scheme == Uri.UriSchemeHttp;
        SocketException? refused = null;
        foreach (var address in await Dns.GetHostAddressesAsync(host.Host, stop))
        {
            if (cleartext && !IPAddress.IsLoopback(address))
            {
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                var began = _time.GetTimestamp();
                await socket.ConnectAsync(address, host.Port, stop);
                // Another clock than the system's is not the kernel's either.
                var measured = _time == TimeProvider.System ? TcpRoundTrip.Of(socket) : null;
                _connected(measured ?? _time.GetElapsedTime(began));
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                refused = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw refused ?? new SocketException((int)SocketError.HostNotFound);
    }
}
