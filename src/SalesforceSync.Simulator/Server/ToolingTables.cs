using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>The tables of the Tooling API that tell what change data capture is set up to send: computed when asked for.</summary>
internal sealed class ToolingTables(SimulatedOrg org, UserView user)
{
    /// <summary>A row: column to value.</summary>
    public sealed class Row : Dictionary<string, object?>;

    /// <param name="name">Without regard to case.</param>
    /// <returns>Null when there is no such table.</returns>
    public (string Name, IReadOnlyList<Row> Rows)? Find(string name) => name.ToUpperInvariant() switch
    {
        "PLATFORMEVENTCHANNEL" => ("PlatformEventChannel", [.. Channels()]),
        "PLATFORMEVENTCHANNELMEMBER" => ("PlatformEventChannelMember", [.. Members()]),
        "ENTITYDEFINITION" => ("EntityDefinition", [.. user.Objects.Select(Entity)]),
        "FIELDDEFINITION" => ("FieldDefinition", [.. user.Objects.SelectMany(one => Fields(one, true))]),
        "ENTITYPARTICLE" => ("EntityParticle", [.. user.Objects.SelectMany(one => Fields(one, false))]),
        _ => null
    };

    public static IReadOnlyList<QueryColumn<Row>> Columns(IReadOnlyList<Row> rows, string table) => rows.Count > 0
        ? [.. rows[0].Select(pair => new QueryColumn<Row>(pair.Key, pair.Value is bool ? "boolean" : pair.Value is int ? "int" : "string", row => row[pair.Key]))]
        : throw SoqlError.NoType(table);

    private IEnumerable<Row> Channels() => org.Options.Channels.Keys.Select((name, i) => new Row
    {
        ["Id"] = SalesforceId.Make("0YL", i + 1),
        ["DeveloperName"] = name,
        ["MasterLabel"] = name,
        ["FullName"] = name + "__chn",
        ["ChannelType"] = "data"
    });

    private IEnumerable<Row> Members()
    {
        var standard = Of("ChangeEvents", org.Objects);
        var custom = org.Options.Channels.SelectMany(channel => Of(channel.Key + "__chn", channel.Value.Select(member => org[member]).Union(org.Objects)));
        return standard.Concat(custom).Select((pair, i) => new Row
        {
            ["Id"] = SalesforceId.Make("0v8", i + 1),
            ["DeveloperName"] = $"{pair.Item1.Replace("__", "_", StringComparison.Ordinal)}_{pair.Item2.EventRecordName.Replace("__", "_", StringComparison.Ordinal)}",
            ["MasterLabel"] = pair.Item2.EventRecordName,
            ["EventChannel"] = pair.Item1,
            ["SelectedEntity"] = pair.Item2.EventRecordName,
            ["FilterExpression"] = org.Filters.ExpressionOf("/data/" + pair.Item1, pair.Item2)
        });

        IEnumerable<(string, SimulatedObject)> Of(string channel, IEnumerable<SimulatedObject> objects) =>
            objects.Where(org.FindTopic("/data/" + channel)!.IsMember).Select(one => (channel, one));
    }

    private static Row Entity(SimulatedObject target) => new()
    {
        ["DurableId"] = target.Name,
        ["QualifiedApiName"] = target.Name,
        ["KeyPrefix"] = target.KeyPrefix,
        ["IsQueryable"] = true,
        ["IsReplicateable"] = true
    };

    // A definition is a field as it was defined, a particle each single column it is made of.
    private IEnumerable<Row> Fields(SimulatedObject target, bool whole)
        => user.Columns(target).All.Where(column => whole ? column.Compound is null : column.Parts.Count == 0).Select(column => new Row
        {
            ["DurableId"] = $"{target.Name}.{column.Name}",
            ["QualifiedApiName"] = column.Name,
            ["EntityDefinition.QualifiedApiName"] = target.Name,
            ["EntityDefinitionId"] = target.Name,
            ["DataType"] = column.Type,
            ["Length"] = column.Length,
            ["IsCompound"] = column.Parts.Count > 0,
            ["IsCalculated"] = column.IsCalculated
        });
}
