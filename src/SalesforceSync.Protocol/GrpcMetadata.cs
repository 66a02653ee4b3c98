using System.Collections;

namespace SalesforceSync.Protocol;

/// <summary>
/// Headers or trailers of a call: names in lower case, in the order given, a name may stand more than once. Names ending in
/// <c>-bin</c> hold bytes and travel as base64. Not safe for threads that write.
/// </summary>
public sealed class GrpcMetadata : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _entries = [];

    public int Count => _entries.Count;

    /// <exception cref="ArgumentException">The value cannot travel as a header: it must be printable ASCII.</exception>
    public void Add(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"{name}: a metadata value must be printable ASCII; give other text as bytes under a name ending in -bin", nameof(value));
        }

        AddReceived(name, value);
    }

    /// <summary>Adds bytes under a name ending in <c>-bin</c>; sent without padding, as gRPC asks for.</summary>
    public void Add(string name, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"{name}: the name of a binary metadata value ends in -bin", nameof(name));
        }

        AddReceived(name, Convert.ToBase64String(value).TrimEnd('='));
    }

    /// <summary>The first value of the name, or null.</summary>
    public string? Get(string name)
    {
        foreach (var entry in _entries)
        {
            if (entry.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return entry.Value;
            }
        }

        return null;
    }

    /// <summary>The first value of a <c>-bin</c> name as bytes; null when absent or not base64.</summary>
    public byte[]? GetBinary(string name)
    {
        // C-core and grpc-js send no padding, and several values may arrive joined by commas; the first counts.
        var text = Get(name)?.Split(',')[0].Trim().TrimEnd('=');
        if (text is null)
        {
            return null;
        }

        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written) ? bytes[..written] : null;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes what came off the wire as it is: a peer's odd value is no reason to fail a call.</summary>
    internal void AddReceived(string name, string value) => _entries.Add(new(name.ToLowerInvariant(), value));
}
