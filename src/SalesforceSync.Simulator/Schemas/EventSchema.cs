using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceSync.Simulator.Schemas;

/// <summary>The event schema of an object at one moment: immutable, found by its id for ever.</summary>
internal sealed class EventSchema
{
    private EventSchema(string id, string json, IReadOnlyList<FieldSlot> fields)
    {
        Id = id;
        Json = json;
        Fields = fields;
    }

    /// <summary>22 characters of base64url: 16 bytes.</summary>
    public string Id { get; }

    public string Json { get; }

    /// <summary>The fields behind the header, in order: the first has position 1 in the schema.</summary>
    public IReadOnlyList<FieldSlot> Fields { get; }

    public static EventSchema Of(string recordName, IReadOnlyList<FieldSlot> fields)
    {
        var json = EventSchemaJson.Write(recordName, fields.Select(slot => slot.Field));
        var id = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(json)).AsSpan(0, 16));
        return new EventSchema(id, json, fields);
    }
}

/// <summary>A field in an event schema with the places of its values in a record.</summary>
/// <param name="Field">The field.</param>
/// <param name="Plain">The leaf of a plain value; for a switchable name the business name; null for other compounds.</param>
/// <param name="Parts">The leaves of a compound's parts, in the order of its shape; empty for plain fields.</param>
internal sealed record FieldSlot(SimulatedField Field, Leaf? Plain, IReadOnlyList<Leaf> Parts);
