namespace SalesforceSync.Decode;

/// <summary>
/// A payload that its own schema does not describe, or that holds what Postgres cannot. The message says what, at which byte of the payload, in which field and
/// under which schema id; it never holds a value. The same bytes fail the same way again: quarantine, do not retry.
/// </summary>
internal sealed class DecodeException(string what, int offset, string path, string schemaId)
    : Exception($"{what} at byte {offset}, field {path}, schema {schemaId}")
{
    /// <summary>Where in the payload the thing that is wrong begins.</summary>
    public int Offset { get; } = offset;

    public string Path { get; } = path;

    public string SchemaId { get; } = schemaId;
}
