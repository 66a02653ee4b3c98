using System.Text.Json;
using Eventbus.V1;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Simulator;

/// <summary>Short ways to write to a simulated org and to read what it published.</summary>
internal static class OrgEvents
{
    public static string New(SimulatedOrg org, string name, params (string Field, object? Value)[] values)
    {
        var draft = org.Begin();
        var id = draft.Create(name, values.ToDictionary(pair => pair.Field, pair => pair.Value));
        org.Commit(draft);
        return id;
    }

    /// <summary>An event decoded by its own schema.</summary>
    public static Dictionary<string, object?> Body(SimulatedOrg org, ConsumerEvent delivered)
    {
        using var schema = JsonDocument.Parse(org.FindSchema(delivered.Event.SchemaId)!.Json);
        return AvroReading.Read(schema.RootElement, delivered.Event.Payload.ToByteArray());
    }

    public static Dictionary<string, object?> Header(Dictionary<string, object?> body) => (Dictionary<string, object?>)body["ChangeEventHeader"]!;

    /// <summary>Every event on the bus.</summary>
    public static List<Dictionary<string, object?>> Bodies(SimulatedOrg org) => [.. WorkloadTests.Events(org).Select(delivered => Body(org, delivered))];

    public static List<Dictionary<string, object?>> Headers(SimulatedOrg org) => [.. Bodies(org).Select(Header)];
}
