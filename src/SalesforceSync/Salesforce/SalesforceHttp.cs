using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Salesforce;

/// <summary>
/// The one door through which HTTP calls to Salesforce leave: booked before they are sent, over verified TLS, without proxy, cookies or redirects,
/// answered in time and read up to a limit. Safe for many threads.
/// </summary>
/// <param name="ledger">Null only where there is no database to book in (<c>check</c> before <c>migrate</c>).</param>
/// <param name="roots">The only trusted roots, for tests; null trusts those of the machine and of <c>SSL_CERT_FILE</c>.</param>
internal sealed class SalesforceHttp(ApiLedger? ledger, TimeProvider time, ILogger logger, X509Certificate2Collection? roots = null) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker _client = new(NewHandler(roots));

    /// <summary>What the answers say of Salesforce's clock.</summary>
    public SalesforceClock Clock { get; } = new(time);

    /// <summary>Sends one request and reads the whole answer, whatever its status.</summary>
    /// <param name="callClass">What the ledger books it under.</param>
    /// <param name="maxBody">Bytes; a longer answer is refused before it is read.</param>
    /// <param name="patience">Until the whole answer is here; null: <see cref="Patience"/>.</param>
    /// <exception cref="SalesforceUnreachableException">No whole answer came.</exception>
    /// <exception cref="BudgetSpentException">The budget does not allow it; nothing was sent.</exception>
    /// <exception cref="NpgsqlException">The call could not be booked, and so was not sent.</exception>
    public async Task<SalesforceAnswer> SendAsync(
        string org, CallClass callClass, HttpRequestMessage request, int maxBody, CancellationToken stop, TimeSpan? patience = null)
    {
        var allowed = patience ?? Patience;
        using var timer = new CancellationTokenSource(allowed, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        try
        {
            var (stream, date) = await BookedAsync(org, callClass, request, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, either.Token);
            await using (stream)
                return new SalesforceAnswer(stream.Status, date, await ReadAsync(stream, request.RequestUri!.Authority, maxBody, either.Token));
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SalesforceUnreachableException($"{request.RequestUri!.Authority} does not answer within {allowed.TotalSeconds:0} s", e);
        }
    }

    /// <summary>Sends one request and hands out the answer, whatever its status, as soon as its headers are here.</summary>
    /// <param name="patience">Until the headers are here.</param>
    /// <param name="idle">For each part of the body.</param>
    /// <exception cref="SalesforceUnreachableException">No answer came.</exception>
    /// <exception cref="BudgetSpentException">The budget does not allow it; nothing was sent.</exception>
    /// <exception cref="NpgsqlException">The call could not be booked, and so was not sent.</exception>
    public async Task<SalesforceStream> OpenAsync(
        string org, CallClass callClass, HttpRequestMessage request, TimeSpan patience, TimeSpan idle, CancellationToken stop) =>
        (await BookedAsync(org, callClass, request, patience, idle, stop)).Stream;

    /// <summary>Reads to the end.</summary>
    /// <exception cref="AnswerTooLongException">There is more.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, string host, int maxBody, CancellationToken stop)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, stop)) > 0)
        {
            if (body.Length + read > maxBody)
                throw new AnswerTooLongException(host, maxBody);
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    /// <summary>Salesforce said that the org's allowance is used up: nothing but sign-in leaves before the next full hour.</summary>
    /// <returns>What to fail with; null where nothing is booked.</returns>
    public async Task<BudgetSpentException?> CloseAsync(string org, CallClass callClass, CancellationToken stop) =>
        ledger is null ? null : await ledger.CloseAsync(org, callClass, stop);

    public void Dispose() => _client.Dispose();

    private async Task<(SalesforceStream Stream, DateTimeOffset? Date)> BookedAsync(
        string org, CallClass callClass, HttpRequestMessage request, TimeSpan patience, TimeSpan idle, CancellationToken stop)
    {
        var bookedAt = ledger is null || PlantedBug.Is(PlantedBugs.CallsUnbooked) ? default : await ledger.BookAsync(org, callClass, stop);
        CrashPoint.Hit(CrashPoints.CallAfterBooking);
        HttpResponseMessage? response = null;
        try
        {
            response = await ExchangeAsync(request, patience, stop);
            return (await SalesforceStream.OpenAsync(response, idle, time, stop), response.Headers.Date);
        }
        catch when (response is not null)
        {
            response.Dispose();
            throw;
        }
        finally
        {
            CrashPoint.Hit(CrashPoints.CallBeforeSettling);
            if (ledger is not null)
                await SettleAsync(org, bookedAt, callClass, response);
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken stop)
    {
        var host = request.RequestUri!.Authority;
        using var timer = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        var sent = time.GetUtcNow();
        try
        {
            var response = await _client.SendAsync(request, either.Token);
            if (response.Headers.Date is { } date)
                Clock.Learn(date, sent, time.GetUtcNow());
            return response;
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SalesforceUnreachableException($"{host} does not answer within {patience.TotalSeconds:0} s", e);
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

    private static string Reason(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "no such name; check the URL and the DNS",
        HttpRequestError.SecureConnectionError => "TLS failed; check the host name, and name a private CA in SSL_CERT_FILE",
        HttpRequestError.ConnectionError => "no connection; check the URL and the firewall",
        _ => $"no whole answer ({error})",
    };

    // The call is booked already; what is lost here is only how it ended.
    private async Task SettleAsync(string org, DateTime bookedAt, CallClass callClass, HttpResponseMessage? response)
    {
        try
        {
            var usage = response is not null && response.Headers.TryGetValues("Sforce-Limit-Info", out var said) ? OrgUsage.Parse(string.Join(';', said)) : null;
            await ledger!.SettleAsync(org, bookedAt, callClass, (int)(response?.StatusCode ?? 0), usage, CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            logger.OutcomeNotBooked(org, callClass.Name(), e);
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
