using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;

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
        set local jit = off; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off;
        set local enable_bitmapscan = off; set local enable_material = off
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
            await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: true, stop);
            await org.RunAsync(LocalSettings, [], stop);
            var written = await MergeAsync(org, read, shape, chunk, stop);
            await org.CommitAsync();
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
            if (terms is { Proves: true, NotesSeen: null })
                terms = await terms.DecideAsync(org, ownership.Org, await SeenIds.AreNeededAsync(org, ownership.Org, read, known.Binding.Table, stop), stop);
            var rows = Distinct(chunk.Rows);
            if (terms.NotesSeen == true)
                await SeenIds.AddAsync(org, read.Id, rows, stop);
            var newer = await RecordTouches.FindAsync(org, ownership.Org, terms, [.. rows.Select(r => r.Id), .. chunk.Absent], stop);
            var absent = chunk.Absent.Where(id => newer.GetValueOrDefault(id) is not { Existence: true }).ToArray();
            var merged = new List<MergeRow>(rows.Count);
            foreach (var row in rows)
            {
                if (MergeRow.Of(row, known.Binding, newer.GetValueOrDefault(row.Id)) is { } counts)
                    merged.Add(counts);
            }
            written += await WriteAsync(org, terms, known, merged, journal, stop);
            written += await RemoveAsync(org, known, terms, merged, absent, journal, stop);
            await journal.TouchAsync(known.Binding, merged, absent, stop);
            await journal.AnswerAsync(shape.Complete, [.. rows.Select(r => r.Id), .. absent], stop);
        }
        await journal.WriteAsync(stop);
        return written;
    }

    /// <summary>Rows that stay or come, deleted ones too where deletes are soft.</summary>
    private async Task<int> WriteAsync(OrgTransaction org, MergeTerms terms, KnownReading known, List<MergeRow> merged, MergeJournal journal, CancellationToken stop)
    {
        var kept = merged.Where(m => !IsRemoved(known.Binding, m)).ToList();
        if (kept.Count == 0)
            return 0;
        await known.Stage.FillAsync(org.Connection, kept, stop);
        NpgsqlParameter[] Parameters() =>
        [
            OrgTransaction.Value(journal.Number, NpgsqlDbType.Bigint), OrgTransaction.Value(terms.Kind == ReadKind.Repair ? "repair" : "bulk", NpgsqlDbType.Text),
            OrgTransaction.Value(time.GetUtcNow().UtcDateTime, NpgsqlDbType.TimestampTz), OrgTransaction.Value(Completes(terms, known), NpgsqlDbType.Boolean),
        ];
        return await journal.KeepAsync(known.Binding.Table, known.Sql, Parameters, stop);
    }

    private async Task<int> RemoveAsync(
        OrgTransaction org, KnownReading known, MergeTerms terms, List<MergeRow> merged, string[] absent, MergeJournal journal, CancellationToken stop)
    {
        var gone = known.Binding.HardDeletes ? [.. merged.Where(m => IsRemoved(known.Binding, m)).Select(m => m.Row.Id), .. absent] : absent;
        return gone.Length == 0 ? 0 : await journal.RemoveAsync(known.Binding, gone, terms.Kind == ReadKind.Repair ? "repair" : "bulk", time.GetUtcNow(), stop);
    }

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
