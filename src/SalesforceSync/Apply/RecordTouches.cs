using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>What is newer than a reading, of one record: a column in it is skipped, and so is existence if it was told.</summary>
internal sealed class RecordTouches
{
    private readonly HashSet<string> _columns = new(StringComparer.Ordinal);

    private const string Find = """
        select record_id, columns, existence from salesforce_sync.touch
        where org = $1 and object = $2 and record_id = any($3) and (event > $4 or read > $5)
        """;

    public bool Everything { get; private set; }

    public bool Existence { get; private set; }

    /// <param name="key">As <see cref="EvidenceBinding.Keys"/> has it.</param>
    public bool Contains(string key) => Everything || _columns.Contains(key);

    /// <summary>The touches of these records that are newer than the reading; a record without any has no entry.</summary>
    public static async Task<Dictionary<string, RecordTouches>> FindAsync(OrgTransaction org, string name, MergeTerms terms, string[] ids, CancellationToken stop)
    {
        var found = new Dictionary<string, RecordTouches>(StringComparer.Ordinal);
        await using var find = org.Command(
            Find, OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(terms.Object, NpgsqlDbType.Text),
            OrgTransaction.Value(ids, NpgsqlDbType.Array | NpgsqlDbType.Text), OrgTransaction.Value(PlantedBug.Is(PlantedBugs.EventsAfterAnchorLose) ? long.MaxValue : terms.Anchor, NpgsqlDbType.Bigint),
            OrgTransaction.Value(PlantedBug.Is(PlantedBugs.LaterReadingLoses) ? long.MaxValue : terms.Turn, NpgsqlDbType.Bigint));
        await using var row = await find.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var id = row.GetString(0);
            if (!found.TryGetValue(id, out var touches))
                found.Add(id, touches = new());
            touches.Add(row.IsDBNull(1) ? null : row.GetFieldValue<string[]>(1), row.GetBoolean(2));
        }
        return found;
    }

    private void Add(string[]? columns, bool existence)
    {
        Everything |= columns is null;
        Existence |= existence && !PlantedBug.Is(PlantedBugs.ExistenceUntouched);
        if (columns is not null)
            _columns.UnionWith(columns);
    }
}
