using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Configuration;

namespace SalesforceSync.Masks;

/// <summary>Makes of a value the hash that stands in its place. Safe for several threads; never printed.</summary>
internal sealed class MaskKey(Secret secret)
{
    private const string Which = "SalesforceSync: which key this is";

    private readonly byte[] _key = Encoding.UTF8.GetBytes(secret.Reveal);

    /// <summary>Tells one key from another and nothing else of it.</summary>
    public string Fingerprint => Hash(Encoding.UTF8.GetBytes(Which))[..16];

    /// <summary>HMAC-SHA-256 in lower-case hexadecimal digits.</summary>
    public string Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, hash);
        return Convert.ToHexStringLower(hash);
    }
}
