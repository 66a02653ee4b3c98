namespace SalesforceSync.Decode;

/// <summary>A compiled event schema: one per schema id, immutable, safe to use from several threads.</summary>
internal sealed class EventSchema
{
    private EventSchema(string schemaId, IReadOnlyList<LeafField> leaves) => (SchemaId, Leaves) = (schemaId, leaves);

    public string SchemaId { get; }

    /// <summary>All leaves in schema order, including those without a column.</summary>
    public IReadOnlyList<LeafField> Leaves { get; }
}
