using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>What is newer than a reading, of one record: a column in it is skipped, and so is existence if it was told.</summary>
internal sealed class RecordTouches
{
    private readonly HashSet<string> _columns = new(StringComparer.Ordinal);
    private bool _everything;
    private IReadOnlyCollection<string> _unseen = [];

    private const string Find = """
        select record_id, columns, existence from salesforce_sync.touch
        where org = $1 and object = $2 and record_id = any($3) and (event > $4 or read > $5)
        """;

    // An event does not tell of a field that was hidden when it was published: where it shows a whole record, it says nothing of that one (rule B7).
    private const string Unseen = """
        select g.evidence ->> 'field' from salesforce_sync.coverage g
        where g.org = $1 and g.object = $2 and g.state = 'gap' and g.to_event is null and g.evidence ? 'field'
        """;

    public bool Existence { get; private set; }

    /// <summary>Something told no column at all: as a delete does, and nearly nothing else.</summary>
    public bool WasDeleted { get; private set; }

    /// <param name="key">As <see cref="EvidenceBinding.Keys"/> has it.</param>
    public bool Contains(string key) => _columns.Contains(key) || (_everything && !_unseen.Contains(key));

    /// <summary>The touches of these records that are newer than the reading; a record without any has no entry.</summary>
    public static async Task<Dictionary<string, RecordTouches>> FindAsync(OrgTransaction org, string name, MergeTerms terms, string[] ids, CancellationToken stop)
    {
        var found = new Dictionary<string, RecordTouches>(StringComparer.Ordinal);
        var whole = new List<RecordTouches>();
        await using (var find = org.Command(
            Find, OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(terms.Object, NpgsqlDbType.Text),
            OrgTransaction.Value(ids, NpgsqlDbType.Array | NpgsqlDbType.Text), OrgTransaction.Value(PlantedBug.Is(PlantedBugs.EventsAfterAnchorLose) ? long.MaxValue : terms.Anchor, NpgsqlDbType.Bigint),
            OrgTransaction.Value(PlantedBug.Is(PlantedBugs.LaterReadingLoses) ? long.MaxValue : terms.Turn, NpgsqlDbType.Bigint)))
        await using (var row = await find.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                var id = row.GetString(0);
                if (!found.TryGetValue(id, out var touches))
                    found.Add(id, touches = new());
                touches.Add(row.IsDBNull(1) ? null : row.GetFieldValue<string[]>(1), row.GetBoolean(2));
                // Only an event shows a whole record: a reading names its columns.
                if (row.IsDBNull(1))
                    whole.Add(touches);
            }
        }
        if (whole.Count > 0 && await UnseenAsync(org, name, terms.Object, stop) is { Count: > 0 } unseen)
            whole.ForEach(touches => touches._unseen = unseen);
        return found;
    }

    private static async Task<HashSet<string>> UnseenAsync(OrgTransaction org, string name, string objectName, CancellationToken stop)
    {
        var unseen = new HashSet<string>(StringComparer.Ordinal);
        await using var find = org.Command(Unseen, OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(objectName, NpgsqlDbType.Text));
        await using var row = await find.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            unseen.Add(PostgresName.Of(row.GetString(0)));
        return unseen;
    }

    private void Add(string[]? columns, bool existence)
    {
        _everything |= columns is null;
        WasDeleted |= columns is [];
        Existence |= existence && !PlantedBug.Is(PlantedBugs.ExistenceUntouched);
        if (columns is not null)
            _columns.UnionWith(columns);
    }
}
