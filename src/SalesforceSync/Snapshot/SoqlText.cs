using System.Globalization;
using System.Text;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Snapshot;

/// <summary>The text of queries. No ORDER BY where Bulk reads: it would switch its chunking off.</summary>
internal static class SoqlText
{
    /// <summary>Long transactions commit late and carry older stamps (rule E7).</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(30);

    /// <param name="since">Only records whose stamp is not older than this, less <see cref="Slack"/>.</param>
    /// <param name="condition">An operator's own; may be null.</param>
    public static string Select(string objectName, IEnumerable<string> fields, DateTimeOffset? since, string? condition)
    {
        var where = new List<string>();
        if (since is { } from) where.Add($"{ReadShape.Stamp} >= {Literal(Before(from))}");
        if (condition is not null) where.Add($"({condition})");
        return $"SELECT {string.Join(',', fields)} FROM {objectName}{(where.Count == 0 ? "" : $" WHERE {string.Join(" AND ", where)}")}";
    }

    /// <summary>The next records by stamp and id, in that order, after a place; for objects that Bulk refuses.</summary>
    public static string Next(string objectName, IEnumerable<string> fields, DateTimeOffset? since, string? condition, KeysetPlace? after, int limit)
    {
        var where = new List<string>();
        if (after is null && since is { } from) where.Add($"{ReadShape.Stamp} >= {Literal(Before(from))}");
        if (after is { Stamp: { } stamp })
            where.Add($"({ReadShape.Stamp} > {Literal(stamp)} OR ({ReadShape.Stamp} = {Literal(stamp)} AND {ReadShape.Id} > '{after.Id}'))");
        else if (after is not null) where.Add($"{ReadShape.Id} > '{after.Id}'");
        if (condition is not null) where.Add($"({condition})");
        var order = fields.Contains(ReadShape.Stamp) ? $"{ReadShape.Stamp}, {ReadShape.Id}" : ReadShape.Id;
        return $"SELECT {string.Join(',', fields)} FROM {objectName}{(where.Count == 0 ? "" : $" WHERE {string.Join(" AND ", where)}")} ORDER BY {order} LIMIT {limit}";
    }

    /// <summary>Some records by their ids, which must be ids.</summary>
    public static string ByIds(string objectName, IEnumerable<string> fields, IEnumerable<string> ids) =>
        $"SELECT {string.Join(',', fields)} FROM {objectName} WHERE {ReadShape.Id} IN ({string.Join(',', ids.Select(id => $"'{id}'"))})";

    private static DateTimeOffset Before(DateTimeOffset since) => PlantedBug.Is(PlantedBugs.NoSlackBeforeGap) ? since : since - Slack;

    public static string Literal(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static int Length(string soql) => Encoding.UTF8.GetByteCount(soql);
}

/// <summary>The last record merged of a reading that pages by keyset.</summary>
/// <param name="Stamp">Null where the object has no stamps.</param>
internal sealed record KeysetPlace(DateTimeOffset? Stamp, string Id);
