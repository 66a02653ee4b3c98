using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;

namespace SalesforceSync.Rebuild;

/// <summary>What a rebuild begins with.</summary>
/// <param name="Table">The copy; null: nothing.</param>
/// <param name="Number">The apply number it belongs to.</param>
/// <param name="Rule">What of the object was copied, and how; null when nothing was kept.</param>
/// <param name="HiddenDiffer">Other fields are hidden now than then: that has no number, so what came since cannot be replayed.</param>
/// <param name="Fields">A JSON array of rows of <c>salesforce_sync.field</c>.</param>
internal sealed record KeptImage(string? Table, long Number, string Fields, string? Rule, bool HiddenDiffer)
{
    /// <summary>SQL: other fields are hidden now than when the copy <c>i</c> was kept.</summary>
    public const string OtherHidden = """
        (select array_agg(f."column" order by f."column") from salesforce_sync.field f where f.org = i.org and f.object = i.object and f.hidden_at is not null)
            is distinct from
        (select array_agg(f ->> 'column' order by f ->> 'column') from jsonb_array_elements(i.fields) f where f ->> 'hidden_at' is not null)
        """;

    private const string Find = $"""
        select i."table", i.number, i.fields::text, i.rule, {OtherHidden} from salesforce_sync.image i where i.org = $1 and i.object = $2
        """;

    /// <summary>The copy of an object; an empty one when none was taken, which is right as long as all inputs are kept.</summary>
    public static async Task<KeptImage> OfAsync(NpgsqlConnection connection, string org, string objectName, CancellationToken stop)
    {
        await using var find = new NpgsqlCommand(Find, connection)
        {
            Parameters = { new() { Value = org, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = objectName, NpgsqlDbType = NpgsqlDbType.Text } },
        };
        await using var row = await find.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? new(row.IsDBNull(0) ? null : row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)) : new(null, 0, "[]", null, false);
    }

    /// <summary>Whatever of a rule decides what an input makes of a table.</summary>
    public static string RuleText(ObjectRule rule) =>
        $"{rule.Include} fields={List(rule.Fields)} exclude={List(rule.Exclude)} hard={rule.HardDeletes} changes={rule.Changes}{(rule.Mask is { } mask ? $" mask={mask.Fingerprint}" : "")}";

    private static string List(IReadOnlySet<string>? names) => names is null ? "" : string.Join(',', names.Select(n => n.ToLowerInvariant()).Order(StringComparer.Ordinal));
}
