namespace SalesforceSync.Subscribe;

/// <summary>
/// An opaque position in an event stream, kept byte for byte as Salesforce gave it. It has equality only: no order, no arithmetic,
/// and its length is not fixed (ten bytes in every capture seen).
/// </summary>
internal readonly struct ReplayId : IEquatable<ReplayId>
{
    private readonly byte[]? _bytes;

    public ReplayId(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public ReplayId(byte[] bytes) => _bytes = bytes;

    /// <summary>True for the position nobody has given: the default value, or zero bytes.</summary>
    public bool IsEmpty => _bytes is null || _bytes.Length == 0;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>The bytes as one array; shared, so never written to.</summary>
    public byte[] ToArray() => _bytes ?? [];

    public bool Equals(ReplayId other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is ReplayId other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hexadecimal, as logs and the status document show it.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(ReplayId left, ReplayId right) => left.Equals(right);

    public static bool operator !=(ReplayId left, ReplayId right) => !left.Equals(right);
}
