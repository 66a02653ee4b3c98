using System.Globalization;
using System.Text.Json;
using Eventbus.V1;

namespace SalesforceSync.Tests.Simulator;

/// <summary>
/// The simplest replica there can be: reads the stream event by event, from the schema's JSON and Salesforce's rules alone, and keeps every record as a
/// dictionary by REST names. If the simulator's events and its truth disagree, it shows.
/// </summary>
internal sealed class StreamReplica(Func<string, string> schemaJson)
{
    private readonly Dictionary<string, JsonElement> _schemas = new(StringComparer.Ordinal);

    public Dictionary<string, Dictionary<string, object?>> Records { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Deleted { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> ChangeTypes { get; } = new(StringComparer.Ordinal);

    public List<IReadOnlyList<string>> ChangedFields { get; } = [];

    /// <summary>How many texts were made anew from a difference.</summary>
    public int Patched { get; private set; }

    /// <summary>Records with a difference to a text nobody has told of.</summary>
    public HashSet<string> Unfit { get; } = new(StringComparer.Ordinal);

    public void Apply(ConsumerEvent delivered)
    {
        var id = delivered.Event.SchemaId;
        if (!_schemas.TryGetValue(id, out var schema)) _schemas[id] = schema = JsonDocument.Parse(schemaJson(id)).RootElement;
        var body = AvroReading.Read(schema, delivered.Event.Payload.ToByteArray());
        var header = (Dictionary<string, object?>)body["ChangeEventHeader"]!;
        var type = (string)header["changeType"]!;
        ChangeTypes[type] = ChangeTypes.GetValueOrDefault(type) + 1;
        var changed = (List<string>)header["changedFields"]!;
        ChangedFields.Add(changed);
        var differences = (List<string>)header["diffFields"]!;
        foreach (var recordId in (List<string>)header["recordIds"]!)
        {
            Apply(recordId, type, schema, differences.Count == 0 ? body : Patch(recordId, schema, body, differences.Single()), changed);
        }
    }

    private void Apply(string id, string type, JsonElement schema, Dictionary<string, object?> body, List<string> changed)
    {
        if (type == "DELETE") Deleted.Add(id);
        if (type is "CREATE" or "UNDELETE")
        {
            Deleted.Remove(id);
            Records[id] = [];
            var fields = schema.GetProperty("fields").EnumerateArray().Skip(1).ToArray();
            for (var i = 0; i < fields.Length; i++) Write(Records[id], fields[i], body, null);
        }
        if (type == "UPDATE" && Records.TryGetValue(id, out var record))
        {
            foreach (var element in changed) Update(record, schema, body, element);
        }
    }

    // Only single texts go as differences, so that all bits are in one top-level element.
    private Dictionary<string, object?> Patch(string id, JsonElement schema, Dictionary<string, object?> body, string element)
    {
        var patched = new Dictionary<string, object?>(body, StringComparer.Ordinal);
        var bits = Convert.FromHexString(element[2..]);
        for (var bit = 0; bit < bits.Length * 8; bit++)
        {
            if ((bits[bits.Length - 1 - (bit / 8)] & (1 << (bit % 8))) == 0) continue;
            var name = schema.GetProperty("fields")[bit].GetProperty("name").GetString()!;
            var before = Records.GetValueOrDefault(id)?.GetValueOrDefault(name) as string;
            try
            {
                patched[name] = UnifiedDiff.Apply(before ?? "", (string)body[name]!);
                Patched++;
            }
            catch (Exception fault) when (fault is ShouldAssertException or ArgumentOutOfRangeException or IndexOutOfRangeException)
            {
                patched[name] = before;
                Unfit.Add(id);
            }
        }
        return patched;
    }

    private static void Update(Dictionary<string, object?> record, JsonElement schema, Dictionary<string, object?> body, string element)
    {
        var dash = element.IndexOf('-', StringComparison.Ordinal);
        var bits = Convert.FromHexString(element[(dash + 3)..]);
        for (var bit = 0; bit < bits.Length * 8; bit++)
        {
            if ((bits[bits.Length - 1 - (bit / 8)] & (1 << (bit % 8))) == 0) continue;
            var position = dash < 0 ? bit : int.Parse(element[..dash], CultureInfo.InvariantCulture);
            Write(record, schema.GetProperty("fields")[position], body, dash < 0 ? null : bit);
        }
    }

    /// <param name="part">Only this part of the compound; null for all of the field.</param>
    private static void Write(Dictionary<string, object?> record, JsonElement field, Dictionary<string, object?> body, int? part)
    {
        var name = field.GetProperty("name").GetString()!;
        var kind = field.GetProperty("doc").GetString()!.Split(':')[1];
        var value = body[name];
        if (kind is not ("Address" or "Location" or "PersonName" or "Switchable_PersonName") || value is string)
        {
            record[name] = Typed(kind, value);
            return;
        }
        if (kind == "Switchable_PersonName" && value is null && part is null)
        {
            record[name] = null;
            return;
        }
        string[] parts = kind switch
        {
            "Location" => ["Latitude", "Longitude"],
            "PersonName" => ["Salutation", "FirstName", "LastName", "MiddleName", "Suffix"],
            "Switchable_PersonName" => ["Salutation", "FirstName", "LastName"],
            _ => ["Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude", "Longitude", "GeocodeAccuracy"]
        };
        for (var i = 0; i < parts.Length; i++)
        {
            if (part is { } only && only != i) continue;
            record[RestName(name, kind, parts[i])] = (value as Dictionary<string, object?>)?[parts[i]];
        }
    }

    private static string RestName(string field, string kind, string part) => kind switch
    {
        "PersonName" or "Switchable_PersonName" => part,
        "Location" => field.Replace("__c", $"__{part}__s", StringComparison.Ordinal),
        _ => field.Replace("Address", "", StringComparison.Ordinal) + part
    };

    private static object? Typed(string kind, object? value) => (kind, value) switch
    {
        (_, null) => null,
        ("DateTime", long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms),
        ("DateOnly", long ms) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime),
        ("TimeOnly", long ms) => TimeOnly.FromTimeSpan(TimeSpan.FromMilliseconds(ms)),
        _ => value
    };
}
