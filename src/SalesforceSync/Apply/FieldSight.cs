using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>What became of the sight of an object's fields; API names.</summary>
internal sealed record SightChange(IReadOnlyList<string> Hidden, IReadOnlyList<string> Visible);

/// <summary>
/// Remembers which fields this user is shown. Events carry null for a field that is hidden, whatever it holds: from the moment it is noted, full records say
/// nothing of it. A field that was visible before opens a gap back to the object's last proof (rule B7); one that is visible again is read anew.
/// To be called by whoever has described an object. Safe for many threads.
/// </summary>
internal sealed class FieldSight(NpgsqlDataSource source, Ownership ownership)
{
    /// <summary>Why the gap is open.</summary>
    public const string Hidden = "hidden";

    private const string Channel = "select channel from salesforce_sync.object where org = $1 and object = $2";

    private const string Lock = "select from salesforce_sync.org where name = $1 and epoch = $2 and owner = $3 for update";

    private const string See = """
        update salesforce_sync.field set visible_at = clock_timestamp()
        where org = $1 and object = $2 and visible_at is null and state <> 'replaced' and lower(field) = any ($3)
        """;

    // The parts of a person's name stand in schemas of objects that may have none: that describe leaves them out tells nothing.
    private const string Hide = """
        update salesforce_sync.field set hidden_at = clock_timestamp()
        where org = $1 and object = $2 and hidden_at is null and state <> 'replaced' and streamed and removed_at is null
            and coalesce(doc, '') not like '%PersonName%' and lower(field) <> all ($3) and ($4::text[] is null or lower(field) = any ($4))
        returning field, visible_at is not null
        """;

    private const string Show = """
        update salesforce_sync.field set hidden_at = null where org = $1 and object = $2 and hidden_at is not null and lower(field) = any ($3) returning field, true
        """;

    // What is in no schema any more is not hidden: it is gone, whether or not an event has told yet.
    private const string Remove = """
        update salesforce_sync.field set removed_at = clock_timestamp()
        where org = $1 and object = $2 and hidden_at is not null and removed_at is null and state <> 'replaced' and streamed
            and lower(field) <> all ($3) and lower(field) <> all ($4)
        """;

    private const string CloseGaps = """
        update salesforce_sync.coverage g set state = 'repaired', to_event = g.from_event, to_at = clock_timestamp(), evidence = g.evidence || '{"closed": "the field does not exist any more"}'
        from salesforce_sync.field f
        where g.org = $1 and g.object = $2 and g.state = 'gap' and g.to_event is null and g.evidence ->> 'reason' = $3
            and f.org = $1 and f.object = $2 and f.field = g.evidence ->> 'field' and f.removed_at is not null and f.state <> 'replaced'
        """;

    private const string LastProof = """
        select coalesce(max(anchor), 0) from salesforce_sync.read where org = $1 and object = $2 and proves and state = 'done'
        """;

    private const string Tell = "update salesforce_sync.org set table_changes = table_changes + 1 where name = $1";

    /// <param name="visible">The fields describe shows, by API name.</param>
    /// <param name="existing">The fields the object's event schema has, hidden ones too; null: not known, and nothing is taken for gone.</param>
    /// <exception cref="OwnershipLostException">Another process owns the org: nothing was written.</exception>
    public async Task<SightChange> NoteAsync(string objectName, IEnumerable<string> visible, IEnumerable<string>? existing, CancellationToken stop)
    {
        var names = Lower(visible);
        var there = existing is null ? null : Lower(existing);
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var (hidden, shown) = await NoteAsync(connection, objectName, names, there, stop);
        if (hidden.Count + shown.Count > 0)
        {
            await using var listed = Command(connection, Channel, new NpgsqlParameter { Value = objectName });
            // An object nobody has listed yet is found on no channel, and nothing is missing of it.
            var channel = await listed.ExecuteScalarAsync(stop) as string ?? "";
            await using var proof = Command(connection, LastProof, new NpgsqlParameter { Value = objectName });
            var from = (long)(await proof.ExecuteScalarAsync(stop))!;
            var drift = new SchemaDrift(
                objectName, [.. shown.Select(f => f.Field)], [], [.. hidden.Where(f => f.WasVisible).Select(f => (f.Field, Hidden))], Pause: false, Resume: false);
            await new DriftRows(connection, ownership.Org).WriteAsync(drift, channel, from, stop);
            await using var tell = Command(connection, Tell);
            await tell.ExecuteNonQueryAsync(stop);
        }
        await transaction.CommitAsync(CancellationToken.None);
        return new([.. hidden.Select(f => f.Field)], [.. shown.Select(f => f.Field)]);
    }

    /// <summary>Closes, in the caller's transaction, the gaps of hidden fields that do not exist any more.</summary>
    public static OrgStatement CloseGone(string org, string objectName) =>
        new(CloseGaps, new() { Value = org }, new NpgsqlParameter { Value = objectName }, new NpgsqlParameter { Value = Hidden });

    /// <summary>Remembers, in the caller's transaction, that fields are visible: a reading brings them.</summary>
    public static async Task SeenAsync(NpgsqlConnection connection, string org, string objectName, IEnumerable<string> names, CancellationToken stop)
    {
        await using var see = new NpgsqlCommand(See, connection)
        {
            Parameters = { new() { Value = org }, new() { Value = objectName }, Names([.. names.Select(name => name.ToLowerInvariant())]) },
        };
        await see.ExecuteNonQueryAsync(stop);
    }

    /// <summary>All in one round trip, the org's row first: what others hold is waited for, and where it is not ours nothing is committed.</summary>
    private async Task<(List<(string Field, bool WasVisible)> Hidden, List<(string Field, bool WasVisible)> Shown)> NoteAsync(
        NpgsqlConnection connection, string objectName, string[] names, string[]? there, CancellationToken stop)
    {
        NpgsqlParameter Org() => new() { Value = ownership.Org };
        NpgsqlParameter Object() => new() { Value = objectName };
        var hide = PlantedBug.Is(PlantedBugs.HiddenFieldUnnoticed) ? Hide.Replace("hidden_at is null", "false", StringComparison.Ordinal) : Hide;
        List<OrgStatement> notes =
        [
            new(Lock, Org(), new NpgsqlParameter { Value = ownership.Epoch }, new NpgsqlParameter { Value = ownership.Owner }),
            new(See, Org(), Object(), Names(names)),
            new(hide, Org(), Object(), Names(names), Names(there)),
            new(Show, Org(), Object(), Names(names)),
        ];
        if (there is not null)
            notes.AddRange([new(Remove, Org(), Object(), Names(names), Names(there)), CloseGone(ownership.Org, objectName)]);
        await using var batch = OrgStatement.Batch(connection, notes);
        await using var reader = await batch.ExecuteReaderAsync(stop);
        if (!reader.HasRows) throw new OwnershipLostException(ownership, "the org's row");
        return (await ListAsync(reader, stop), await ListAsync(reader, stop));
    }

    /// <summary>The next result.</summary>
    private static async Task<List<(string Field, bool WasVisible)>> ListAsync(NpgsqlDataReader reader, CancellationToken stop)
    {
        await reader.NextResultAsync(stop);
        var list = new List<(string, bool)>();
        while (await reader.ReadAsync(stop))
            list.Add((reader.GetString(0), reader.GetBoolean(1)));
        return list;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = ownership.Org } } };
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static string[] Lower(IEnumerable<string> names) => [.. names.Select(name => name.ToLowerInvariant()).Distinct()];

    private static NpgsqlParameter Names(string[]? names) => new() { Value = (object?)names ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
