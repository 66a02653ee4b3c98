using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceSync.Salesforce;

/// <summary>
/// The one door through which HTTP calls to Salesforce leave: booked before they are sent, over verified TLS, without proxy, cookies or redirects,
/// answered within <see cref="Patience"/> and read up to a limit. Safe for many threads.
/// </summary>
/// <param name="ledger">Null only where there is no database to book in (<c>check</c> before <c>migrate</c>).</param>
/// <param name="roots">The only trusted roots, for tests; null trusts those of the machine and of <c>SSL_CERT_FILE</c>.</param>
internal sealed class SalesforceHttp(ApiLedger? ledger, TimeProvider time, ILogger logger, X509Certificate2Collection? roots = null) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker _client = new(NewHandler(roots));

    /// <summary>Sends one request and reads the whole answer, whatever its status.</summary>
    /// <param name="callClass">What the ledger books it under.</param>
    /// <param name="maxBody">Bytes; a longer answer is refused before it is read.</param>
    /// <exception cref="SalesforceUnreachableException">No whole answer came.</exception>
    /// <exception cref="NpgsqlException">The call could not be booked, and so was not sent.</exception>
    public async Task<SalesforceAnswer> SendAsync(string org, string callClass, HttpRequestMessage request, int maxBody, CancellationToken stop)
    {
        var bookedAt = ledger is null ? default : await ledger.BookAsync(org, callClass, stop);
        SalesforceAnswer? answer = null;
        try
        {
            return answer = await ExchangeAsync(request, maxBody, stop);
        }
        finally
        {
            if (ledger is not null)
                await SettleAsync(org, bookedAt, callClass, answer);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<SalesforceAnswer> ExchangeAsync(HttpRequestMessage request, int maxBody, CancellationToken stop)
    {
        var host = request.RequestUri!.Authority;
        using var timer = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            var body = await ReadAsync(response.Content, host, maxBody, either.Token);
            var usage = response.Headers.TryGetValues("Sforce-Limit-Info", out var values) ? values.FirstOrDefault() : null;
            return new SalesforceAnswer(response.StatusCode, response.Headers.Date, usage, body);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SalesforceUnreachableException($"{host} does not answer within {Patience.TotalSeconds:0} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new SalesforceUnreachableException($"{host}: {Reason(e.HttpRequestError)}", e);
        }
        catch (IOException e)
        {
            throw new SalesforceUnreachableException($"{host}: the answer broke off", e);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, string host, int maxBody, CancellationToken stop)
    {
        await using var stream = await content.ReadAsStreamAsync(stop);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, stop)) > 0)
        {
            if (body.Length + read > maxBody)
                throw new SalesforceUnreachableException($"{host}: the answer is longer than {maxBody} bytes");
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static string Reason(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "no such name; check the URL and the DNS",
        HttpRequestError.SecureConnectionError => "TLS failed; check the host name, and name a private CA in SSL_CERT_FILE",
        HttpRequestError.ConnectionError => "no connection; check the URL and the firewall",
        _ => $"no whole answer ({error})",
    };

    // The call is booked already; what is lost here is only how it ended.
    private async Task SettleAsync(string org, DateTime bookedAt, string callClass, SalesforceAnswer? answer)
    {
        try
        {
            await ledger!.SettleAsync(org, bookedAt, callClass, (int)(answer?.Status ?? 0), CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            logger.OutcomeNotBooked(org, callClass, e);
        }
    }

    private static SocketsHttpHandler NewHandler(X509Certificate2Collection? roots)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseDrainSize = 0,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // DNS is asked again now and then: orgs move between instances.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (roots is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        return handler;
    }
}
