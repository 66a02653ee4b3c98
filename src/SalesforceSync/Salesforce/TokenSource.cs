using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Salesforce;

/// <summary>
/// Gives everybody of one org the same access token, and gets a new one when it is told that the old one is refused. However many ask, one sign-in is
/// in flight; those who waited for it share what came of it, a failure too. Safe for many threads.
/// </summary>
/// <param name="rotated">Needed by the flow RefreshToken only.</param>
/// <param name="attempts">How often a sign-in that may pass is tried before <see cref="GetAsync"/> gives up; delays grow from 1 s to 60 s, with jitter.</param>
internal sealed class TokenSource(
    OrgOptions org, SalesforceHttp http, RotatedTokenStore? rotated, TimeProvider time, ILogger logger, int attempts = 4) : IDisposable
{
    private const int LongestAnswer = 1024 * 1024;

    // Stopping waits this long for an answer that may carry a new refresh token: once asked, the old one may be dead.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan TolerableSkew = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ResiliencePipeline _retry = Retry(org.Name, attempts, time, logger);
    private AccessGrant? _grant;
    private ExceptionDispatchInfo? _failure;
    private int _failures;
    private TimeSpan _clockOffset;
    private (Secret Used, Secret New)? _unsaved;
    private bool _dropped;

    /// <summary>The grant in use, or a new one.</summary>
    /// <exception cref="SignInRefusedException">A person must act; asking again at once hammers the login host.</exception>
    /// <exception cref="SignInUnavailableException">It may work later: all attempts were made.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database is needed for booking or for a refresh token, and failed.</exception>
    public ValueTask<AccessGrant> GetAsync(CancellationToken stop) =>
        Volatile.Read(ref _grant) is { } grant ? ValueTask.FromResult(grant) : WaitAsync(stop);

    /// <summary>Says that Salesforce refused this grant. Said of one that has been replaced meanwhile, it changes nothing.</summary>
    public void Invalidate(AccessGrant seen)
    {
        if (Interlocked.CompareExchange(ref _grant, null, seen) != seen)
            return;
        Volatile.Write(ref _dropped, true);
        logger.TokenDropped(org.Name);
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask<AccessGrant> WaitAsync(CancellationToken stop)
    {
        var failuresSeen = Volatile.Read(ref _failures);
        await _turn.WaitAsync(stop);
        try
        {
            if (_grant is { } grant)
                return grant;
            if (_failures != failuresSeen)
                _failure?.Throw();
            grant = await _retry.ExecuteAsync(SignInAsync, stop);
            _failure = null;
            Volatile.Write(ref _grant, grant);
            logger.SignedIn(PlantedBug.Is(PlantedBugs.TokenLogged) ? $"{org.Name} {grant.Token.Reveal}" : org.Name);
            return grant;
        }
        catch (SignInException e) when (e != _failure?.SourceException)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            Volatile.Write(ref _failures, _failures + 1);
            if (e is SignInRefusedException refused)
                logger.SignInRefused(org.Name, refused.Code, refused.Remedy);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<AccessGrant> SignInAsync(CancellationToken stop) => org.Auth switch
    {
        SignInFlow.ClientCredentials flow => (await AskAsync(TokenForm.For(flow), stop)).Grant,
        SignInFlow.Password flow => (await AskAsync(TokenForm.For(flow), stop)).Grant,
        SignInFlow.JwtBearer flow => await SignInWithKeyAsync(flow, stop),
        SignInFlow.RefreshToken flow => await SignInWithRefreshAsync(flow, stop),
        SignInFlow.AccessToken flow when !Volatile.Read(ref _dropped) =>
            new AccessGrant(flow.Token, flow.InstanceUrl, OrgId.TryParse(flow.TenantId), time.GetUtcNow()),
        SignInFlow.AccessToken => throw new SignInRefusedException(org.Name, "access_token_refused", "give a new Auth:AccessToken, or a flow that can renew it"),
        _ => throw new InvalidOperationException($"{org.Name}: unknown flow {org.Auth.GetType().Name}"),
    };

    // A clock that is wrong by minutes makes every assertion expired or too far ahead. The server's Date header tells, and is believed from then on.
    private async Task<AccessGrant> SignInWithKeyAsync(SignInFlow.JwtBearer flow, CancellationToken stop)
    {
        var pem = await ReadKeyAsync(flow, stop);
        var answer = await PostAsync(TokenForm.For(JwtAssertion.Sign(flow, org.LoginUrl!, pem, time.GetUtcNow() + _clockOffset)), stop);
        var skew = (answer.Date ?? time.GetUtcNow()) - (time.GetUtcNow() + _clockOffset);
        if ((int)answer.Status is < 400 or >= 500 || skew.Duration() < TolerableSkew)
            return TokenAnswer.Read(org.Name, answer, time.GetUtcNow()).Grant;
        _clockOffset += skew;
        logger.ClockSkewed(org.Name, _clockOffset);
        return (await AskAsync(TokenForm.For(JwtAssertion.Sign(flow, org.LoginUrl!, pem, time.GetUtcNow() + _clockOffset)), stop)).Grant;
    }

    // The key is read each time: it can be replaced without a restart.
    private async Task<string> ReadKeyAsync(SignInFlow.JwtBearer flow, CancellationToken stop)
    {
        try
        {
            var pem = await File.ReadAllTextAsync(flow.PrivateKeyFile, stop);
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return pem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new SignInUnavailableException(org.Name, $"{flow.PrivateKeyFile} holds no readable private key", e);
        }
    }

    private async Task<AccessGrant> SignInWithRefreshAsync(SignInFlow.RefreshToken flow, CancellationToken stop)
    {
        var store = rotated ?? throw new InvalidOperationException($"{org.Name}: the flow RefreshToken needs a place for new tokens");
        await using var turn = await store.BeginAsync(org.Name, stop);
        if (_unsaved is { } unsaved)
        {
            await turn.WorkedAsync(unsaved.Used, unsaved.New);
            _unsaved = null;
        }
        using var unhurried = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var hurry = stop.UnsafeRegister(_ => unhurried.CancelAfter(Farewell), null);
        var candidates = new Queue<Secret>(turn.Candidates(flow.Token));
        while (true)
        {
            var candidate = candidates.Dequeue();
            try
            {
                var answer = await AskAsync(TokenForm.For(flow, candidate), unhurried.Token);
                await KeepAsync(turn, candidate, answer.RefreshToken);
                return answer.Grant;
            }
            catch (SignInRefusedException e) when (e.Code == "invalid_grant" && candidates.Count > 0)
            {
                logger.StoredTokenRefused(org.Name);
            }
        }
    }

    private async Task KeepAsync(RotationTurn turn, Secret used, Secret? replacement)
    {
        var isNew = replacement is { } given && given != used;
        // Remembered until it is written: if the database fails now, this process still holds the only token that works.
        if (isNew)
            _unsaved = (used, replacement!.Value);
        await turn.WorkedAsync(used, replacement);
        _unsaved = null;
        if (isNew)
            logger.TokenRotated(org.Name);
    }

    private async Task<TokenAnswer> AskAsync(List<KeyValuePair<string, string>> form, CancellationToken stop) =>
        TokenAnswer.Read(org.Name, await PostAsync(form, stop), time.GetUtcNow());

    private async Task<SalesforceAnswer> PostAsync(List<KeyValuePair<string, string>> form, CancellationToken stop)
    {
        var endpoint = new Uri($"{org.LoginUrl!.AbsoluteUri.TrimEnd('/')}/services/oauth2/token");
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            return await http.SendAsync(org.Name, CallClass.SignIn, request, LongestAnswer, stop);
        }
        catch (SalesforceUnreachableException e)
        {
            throw new SignInUnavailableException(org.Name, e.Message, e);
        }
    }

    private static ResiliencePipeline Retry(string org, int attempts, TimeProvider time, ILogger logger)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (attempts <= 1)
            return builder.Build();
        return builder.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<SignInUnavailableException>(),
            MaxRetryAttempts = attempts - 1,
            Delay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(60),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = a =>
            {
                logger.SignInDelayed(org, a.RetryDelay, ((SignInUnavailableException)a.Outcome.Exception!).Reason);
                return default;
            },
        }).Build();
    }
}
