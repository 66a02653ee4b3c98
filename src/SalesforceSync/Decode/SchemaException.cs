namespace SalesforceSync.Decode;

/// <summary>
/// A schema that cannot be used: not Avro, not a change event's, or beyond the limits of <see cref="AvroSchemaParser"/>. The message says what, where in the
/// schema, and which schema id. Only names of the schema appear in it. Fetching the same schema id again will not help: ids are immutable.
/// </summary>
internal sealed class SchemaException(string what, string path, string schemaId, Exception? inner = null)
    : Exception($"schema {schemaId}: {what} at {(path.Length == 0 ? "the root" : path)}", inner)
{
    public string SchemaId { get; } = schemaId;

    /// <summary>Place in the schema, as record and field names joined by dots; empty for the root.</summary>
    public string Path { get; } = path;
}
