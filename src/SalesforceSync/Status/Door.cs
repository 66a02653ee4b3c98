using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Configuration;

namespace SalesforceSync.Status;

/// <summary>
/// Who may come in: with a token whoever shows it, without one only this machine. Wrong tokens are compared in constant time, and after some of them an
/// address waits. Safe from any thread.
/// </summary>
internal sealed class Door(Secret? token, TimeProvider time)
{
    private const int WrongTokens = 10;

    private const int MostAddresses = 10_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);

    private readonly byte[]? _token = token is { } secret ? Hash(secret.Reveal) : null;
    private readonly ConcurrentDictionary<IPAddress, (int Wrong, long Since)> _wrong = new();

    /// <returns>Null when the request may go on; else what to answer.</returns>
    public Refusal? Look(HttpContext context)
    {
        var address = AddressOf(context);
        return _token is { } expected ? WithToken(context.Request, address, expected) : FromHere(context.Request, address);
    }

    /// <summary>Who asks, as IPv4 where that is what it came by.</summary>
    public static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress is not { } address ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>A browser says whose page asks; without a token that is all there is between an act and any page that is open on this machine.</summary>
    public static Refusal? LookAtOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var isOurs = origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
        return isOurs && request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            ? null
            : new(StatusCodes.Status403Forbidden, "another site's page may not have anything done here");
    }

    private Refusal? WithToken(HttpRequest request, IPAddress address, byte[] expected)
    {
        if (IsWaiting(address))
            return new(StatusCodes.Status429TooManyRequests, $"{WrongTokens} wrong tokens came from this address: wait a minute");
        var given = request.Headers.Authorization.ToString();
        if (given.Length == 0)
            return new(StatusCodes.Status401Unauthorized, "give the token of Http:Token as Authorization: Bearer");
        if (given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Hash(given["Bearer ".Length..].Trim()), expected))
        {
            _wrong.TryRemove(address, out _);
            return null;
        }
        if (_wrong.Count < MostAddresses || _wrong.ContainsKey(address))
            _wrong.AddOrUpdate(address, _ => (1, time.GetTimestamp()), (_, before) => (before.Wrong + 1, time.GetTimestamp()));
        return new(StatusCodes.Status401Unauthorized, "this is not the token of Http:Token");
    }

    private bool IsWaiting(IPAddress address)
    {
        if (!_wrong.TryGetValue(address, out var wrong))
            return false;
        if (time.GetElapsedTime(wrong.Since) < Wait)
            return wrong.Wrong >= WrongTokens;
        _wrong.TryRemove(address, out _);
        return false;
    }

    /// <summary>A proxy on this machine speaks for others, and a page of somebody else's may have its name lead here: neither is this machine.</summary>
    private static Refusal? FromHere(HttpRequest request, IPAddress address) =>
        IPAddress.IsLoopback(address) && IsLoopbackName(request.Host.Host)
        && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded")
            ? null
            : new(StatusCodes.Status403Forbidden, "without Http:Token only this machine is answered, under a name of its own: set one");

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Why not, for people.</summary>
    internal sealed record Refusal(int Status, string Detail);
}
