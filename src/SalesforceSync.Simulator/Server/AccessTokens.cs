using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SalesforceSync.Simulator.Server;

/// <summary>The sessions of the org: <c>00D…!…</c>, valid until unused for too long or expired on order.</summary>
internal sealed class AccessTokens(string orgId, TimeSpan? timeout, TimeProvider time)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastUsed = new(StringComparer.Ordinal);

    public string Issue()
    {
        var token = $"{orgId[..15]}!{RandomNumberGenerator.GetString(Letters, 96)}";
        _lastUsed[token] = time.GetUtcNow();
        return token;
    }

    /// <summary>Whether the token is good now; asking counts as use.</summary>
    public bool Accept(string token)
    {
        var now = time.GetUtcNow();
        if (!_lastUsed.TryGetValue(token, out var last)) return false;
        if (timeout is { } limit && now - last > limit) return Forget(token);
        _lastUsed[token] = now;
        return true;
    }

    public void ExpireAll() => _lastUsed.Clear();

    private bool Forget(string token)
    {
        _lastUsed.TryRemove(token, out _);
        return false;
    }
}
