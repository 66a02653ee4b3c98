using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Writes what readings brought, rule A2: per column the newest evidence wins. One Postgres transaction per chunk: the org's row locked, rows, the
/// reading's place, the numbered input. Rows of records nobody has touched or seen go straight into the table by COPY, all others through a stage.
/// Safe for several readings at once; the chunks of one come one by one.
/// </summary>
internal sealed class EvidenceMerge(NpgsqlDataSource source, Ownership ownership, string schema, Func<string, ObjectRule> rules, TimeProvider time, ILogger logger)
{
    // For the transaction alone: the connection goes back to a pool that others use.
    private const string LocalSettings = """
        select set_config(s.name, 'off', true)
        from unnest(array['jit', 'enable_hashjoin', 'enable_mergejoin', 'enable_seqscan', 'enable_bitmapscan', 'enable_material']) as s (name)
        """;

    private const string RaiseTableChanges = """
        update salesforce_sync.org set table_changes = table_changes + 1 where name = $1 returning table_changes
        """;

    private readonly ConcurrentDictionary<long, KnownReading> _known = [];

    /// <summary>What is remembered of a reading from chunk to chunk.</summary>
    private sealed record KnownReading(EvidenceShape Shape, EvidenceBinding Binding, EvidenceSql Sql, EvidenceStage Stage, long TableChanges);

    /// <summary>Merges one chunk of a reading that is due; returns the rows written.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    /// <exception cref="RefusedNameException">The object or a field cannot be named in Postgres; nothing was written.</exception>
    /// <exception cref="PostgresException">As Postgres says; nothing was written.</exception>
    public async Task<int> MergeAsync(Read read, EvidenceShape shape, EvidenceChunk chunk, CancellationToken stop)
    {
        try
        {
            await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: true, stop, LocalSettings);
            var written = await MergeAsync(org, read, shape, chunk, stop);
            CrashPoint.Hit(read.Kind == ReadKind.Repair ? CrashPoints.RepairBeforeCommit : CrashPoints.MergeBeforeCommit);
            await org.CommitAsync();
            Meters.Merged(ownership.Org, read.Object, read.Kind.ToString().ToLowerInvariant(), chunk.Rows.Count);
            return written;
        }
        catch
        {
            // Tables it made are gone with the transaction.
            _known.TryRemove(read.Id, out _);
            throw;
        }
    }

    private async Task<int> MergeAsync(OrgTransaction org, Read read, EvidenceShape shape, EvidenceChunk chunk, CancellationToken stop)
    {
        var terms = await MergeTerms.MoveAsync(org, ownership.Org, read, chunk, stop);
        var journal = new MergeJournal(org, ownership.Org, terms, org.Org.Last + 1);
        var written = 0;
        if (await KnowAsync(org, read, shape, stop) is { } known)
        {
            var rows = Distinct(chunk.Rows);
            if (terms.Kind == ReadKind.Fill)
                rows = await PresentAsync(org, known.Binding.Table, rows, stop);
            await NoteSeenAsync(org, read, terms, known, rows, stop);
            var newer = await RecordTouches.FindAsync(org, ownership.Org, terms, [.. rows.Select(r => r.Id), .. chunk.Absent], stop);
            var absent = chunk.Absent.Where(id => newer.GetValueOrDefault(id) is not { Existence: true }).ToArray();
            var merged = rows.Select(row => MergeRow.Of(row, known.Binding, newer.GetValueOrDefault(row.Id))).OfType<MergeRow>().ToList();
            merged = await new DiffsAtMerge(org, ownership.Org, terms, known.Binding).ApplyAsync(merged, absent, stop);
            written += await WriteAsync(org, terms, known, merged, journal, stop);
            var removed = await RemoveAsync(org, known, terms, merged, absent, journal, stop);
            written += removed;
            if (terms.IsDeep)
                await DeepCount.RowsAsync(org, ownership.Org, terms, 0, removed, stop);
            await journal.TouchAsync(known.Binding, merged, absent, stop);
            await journal.SubstitutedAsync(merged, stop);
            if (terms.Kind is ReadKind.Fill or ReadKind.Refresh or ReadKind.Sweep && merged.Count > 0)
                await journal.AskForRestAsync(known.Binding.Table, [.. merged.Select(m => m.Row.Id)], stop);
            // What may live again has to be read once more, whoever asked for it.
            var doubtful = merged.Where(m => m.LivesAgain).Select(m => m.Row.Id).ToHashSet(StringComparer.Ordinal);
            await journal.AnswerAsync(
                shape.Complete, [.. rows.Select(r => r.Id).Where(id => !doubtful.Contains(id)), .. absent], [.. Completed(rows, merged).Select(r => r.Id), .. absent], stop);
        }
        await journal.WriteAsync(stop);
        return written;
    }

    /// <summary>A sweep keeps the ids it sees by itself, before anything is merged.</summary>
    private async Task NoteSeenAsync(OrgTransaction org, Read read, MergeTerms terms, KnownReading known, IReadOnlyList<EvidenceRow> rows, CancellationToken stop)
    {
        if (!terms.Proves || terms.Kind == ReadKind.Sweep)
            return;
        var notes = terms.NotesSeen
            ?? await terms.DecideAsync(org, ownership.Org, await SeenIds.AreNeededAsync(org, ownership.Org, read, known.Binding.Table, stop), stop);
        if (notes && rows.Count > 0)
            await SeenIds.AddAsync(org, read.Id, rows, stop);
    }

    /// <summary>Rows that stay or come, deleted ones too where deletes are soft.</summary>
    private async Task<int> WriteAsync(OrgTransaction org, MergeTerms terms, KnownReading known, List<MergeRow> merged, MergeJournal journal, CancellationToken stop)
    {
        var kept = merged.Where(m => !IsRemoved(known.Binding, m)).ToList();
        if (kept.Count == 0)
            return 0;
        var (at, isIncomplete, from) = (time.GetUtcNow(), !Completes(terms, known), Source(terms));
        var written = 0;
        if (!journal.KeepsPatches)
        {
            var held = await HeldAsync(org, known, [.. kept.Select(m => m.Row.Id)], stop);
            // Nothing newer is known of them and the table does not hold them: there is nothing to compare.
            var direct = kept.Where(m => m.TellsExistence && ReferenceEquals(m.Written, known.Binding.All) && !held.Contains(m.Row.Id)).ToList();
            if (direct.Count > 0)
                await known.Stage.AddAsync(org.Connection, direct, new(journal.Number, from, isIncomplete, at), stop);
            written = direct.Count;
            if (terms.IsDeep)
                await DeepCount.RowsAsync(org, ownership.Org, terms, direct.Count(m => !m.Row.IsDeleted), 0, stop);
            if (written == kept.Count)
                return written;
            kept.RemoveAll(new HashSet<MergeRow>(direct, ReferenceEqualityComparer.Instance).Contains);
        }
        foreach (var (some, completes) in new[] { (kept.Where(m => !m.LivesAgain).ToList(), !isIncomplete), (kept.Where(m => m.LivesAgain).ToList(), false) })
        {
            if (some.Count == 0)
                continue;
            var call = await known.Stage.FillAsync(org.Connection, some, stop);
            written += await journal.KeepAsync(
                known.Binding.Table, known.Sql, call,
                () =>
                [
                    OrgTransaction.Value(journal.Number, NpgsqlDbType.Bigint), OrgTransaction.Value(from, NpgsqlDbType.Text),
                    OrgTransaction.Value(at.UtcDateTime, NpgsqlDbType.TimestampTz), OrgTransaction.Value(completes, NpgsqlDbType.Boolean),
                ],
                stop);
        }
        return written;
    }

    /// <summary>The rows after which nothing of their record is missing.</summary>
    private static IEnumerable<EvidenceRow> Completed(IReadOnlyList<EvidenceRow> rows, List<MergeRow> merged) =>
        PlantedBug.Is(PlantedBugs.RevivedByOlderReading) ? rows : merged.Where(m => !m.LivesAgain).Select(m => m.Row);

    private static async Task<HashSet<string>> HeldAsync(OrgTransaction org, KnownReading known, string[] ids, CancellationToken stop)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        await using var command = org.Command(known.Sql.Held, OrgTransaction.Value(ids, NpgsqlDbType.Array | NpgsqlDbType.Text));
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            held.Add(row.GetString(0));
        return held;
    }

    private async Task<int> RemoveAsync(
        OrgTransaction org, KnownReading known, MergeTerms terms, List<MergeRow> merged, string[] absent, MergeJournal journal, CancellationToken stop)
    {
        var gone = known.Binding.HardDeletes ? [.. merged.Where(m => IsRemoved(known.Binding, m)).Select(m => m.Row.Id), .. absent] : absent;
        return gone.Length == 0 ? 0 : await journal.RemoveAsync(known.Binding, gone, Source(terms), time.GetUtcNow(), stop);
    }

    private static string Source(MergeTerms terms) => terms.Kind == ReadKind.Repair ? "repair" : "bulk";

    private static bool IsRemoved(EvidenceBinding binding, MergeRow row) => binding.HardDeletes && row.Row.IsDeleted && row.TellsExistence;

    private static bool Completes(MergeTerms terms, KnownReading known) => known.Shape.Complete && terms.Kind is ReadKind.Snapshot or ReadKind.Repair;

    /// <summary>A page that was read twice has rows twice: the last one is the newest.</summary>
    private static IReadOnlyList<EvidenceRow> Distinct(IReadOnlyList<EvidenceRow> rows)
    {
        var places = new Dictionary<string, int>(rows.Count, StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
            places[rows[i].Id] = i;
        return places.Count == rows.Count ? rows : [.. places.Values.Order().Select(place => rows[place])];
    }

    /// <summary>Of a reading that fills columns only the rows that we have: it shows too little of a record to make one of it.</summary>
    private static async Task<IReadOnlyList<EvidenceRow>> PresentAsync(OrgTransaction org, ObjectTable table, IReadOnlyList<EvidenceRow> rows, CancellationToken stop)
    {
        await using var find = org.Command(
            $"select id from {table.Quoted} where id = any ($1)", OrgTransaction.Value(rows.Select(r => r.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text));
        await using var row = await find.ExecuteReaderAsync(stop);
        var present = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(stop))
            present.Add(row.GetString(0));
        return [.. rows.Where(r => present.Contains(r.Id))];
    }

    private async Task<KnownReading?> KnowAsync(OrgTransaction org, Read read, EvidenceShape shape, CancellationToken stop)
    {
        if (_known.TryGetValue(read.Id, out var known) && ReferenceEquals(known.Shape, shape) && known.TableChanges == org.Org.TableChanges)
            return known;
        // Read anew each time: apply makes columns too, and only within the org's lock is what the catalog says true.
        var registry = new TableRegistry(ownership.Org, schema, rules, logger);
        if (await registry.BindAsync(org.Connection, shape, time.GetUtcNow(), stop) is not { } binding)
            return null;
        var tableChanges = org.Org.TableChanges;
        if (binding.ChangedTable)
        {
            await using var raise = org.Command(RaiseTableChanges, OrgTransaction.Value(ownership.Org, NpgsqlDbType.Text));
            tableChanges = (long)(await raise.ExecuteScalarAsync(stop))!;
        }
        var sql = new EvidenceSql(binding);
        return _known[read.Id] = new(shape, binding, sql, new(binding, sql), tableChanges);
    }
}
