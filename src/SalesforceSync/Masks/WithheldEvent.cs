using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>
/// What is kept of an event whose values cannot be told from the rest, in an org with masks: its header where that could be read, why, and the SHA-256 of what
/// came. It is stored in the event's place, and parked when its turn comes.
/// </summary>
internal static class WithheldEvent
{
    private const string Suffix = "withheld";

    // No schema of a change event's: whoever compiles it learns that its events cannot be written.
    public const string Schema = """
        {"type":"record","name":"WithheldEvent","fields":[{"name":"sha256","type":"string"},{"name":"fault","type":"string"},{"name":"header","type":["null","string"]}]}
        """;

    /// <summary>The id that stands for the schema of an event of this schema.</summary>
    public static string SchemaOf(string schemaId) => MaskedSchema.Derive(schemaId, Suffix);

    public static bool Is(string schemaId) => schemaId.EndsWith(MaskedSchema.Derive("", Suffix), StringComparison.Ordinal);

    /// <param name="fault">Why, without any value.</param>
    public static byte[] Of(ReadOnlyMemory<byte> payload, ChangeEventHeader? header, string fault)
    {
        var hash = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(payload.Span)));
        var made = new PayloadSplice(ReadOnlyMemory<byte>.Empty);
        made.Append(hash);
        made.Append(Encoding.UTF8.GetBytes(fault));
        made.Replace(0, 0, header is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(HeaderJson.Of(header)));
        return made.Finish();
    }

    /// <summary>What was kept.</summary>
    public static (ChangeEventHeader? Header, string Fault, byte[] Sha256) Read(ReadOnlyMemory<byte> payload)
    {
        var reader = new AvroReader(payload.Span, Suffix);
        var hash = Convert.FromHexString(Encoding.ASCII.GetString(reader.ReadText(out _)));
        var fault = Encoding.UTF8.GetString(reader.ReadText(out _));
        var header = reader.ReadIndex(2, "branch") == 0 ? null : HeaderJson.Read(Encoding.UTF8.GetString(reader.ReadText(out _)));
        return (header, fault, hash);
    }
}
