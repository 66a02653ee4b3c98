using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Repair;

/// <summary>What became of records that a fetch by id did not bring.</summary>
/// <param name="Parts">They are there, mostly in the recycle bin; wide objects come in groups of columns, of which the last completes the rows.</param>
/// <param name="Absent">They do not exist.</param>
/// <param name="Doubt">Why nothing is said of the rest, or null.</param>
internal sealed record Verdicts(IReadOnlyList<RecordPart> Parts, IReadOnlyList<string> Absent, string? Doubt)
{
    public IEnumerable<string> Found => Parts.SelectMany(part => part.Rows).Select(row => row.Id).Distinct();
}

/// <summary>
/// Rule E2: a fetch by id is silent about deleted, hidden and missing records alike. They are asked for once more with <c>queryAll</c>, together with other
/// records of the object that live: only an answer that shows those shows that a record is not there.
/// </summary>
internal sealed class RecordProof(NpgsqlDataSource source, string schema, RestClient rest)
{
    private const int IdsPerQuery = 400;
    private const int LeastPerQuery = 100;
    private const int Witnesses = 10;

    private const string Exists = "select to_regclass($1) is not null";

    /// <param name="seen">Records of the object that the same fetch has brought.</param>
    /// <exception cref="ObjectFrozenException">More is gone than can be believed.</exception>
    public async Task<Verdicts> JudgeAsync(ReadShape shape, IReadOnlyList<string> ids, IReadOnlyList<string> seen, CancellationToken stop)
    {
        var witnesses = seen.Take(Witnesses).ToList();
        if (witnesses.Count < Witnesses)
            witnesses.AddRange((await OthersAsync(shape.Object, [.. ids, .. witnesses], Witnesses - witnesses.Count, stop)).Except(witnesses));
        var groups = Groups(shape, Math.Min(ids.Count, LeastPerQuery) + witnesses.Count);
        var (parts, absent, doubt) = (new List<RecordPart>(), new List<string>(), (string?)null);
        foreach (var some in Chunks(groups, ids, witnesses))
        {
            var (rows, shown) = await AskAsync(groups[0], some, witnesses, stop);
            parts.Add(new(groups[0].Evidence, rows));
            var here = rows.Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var group in groups.Skip(1).Where(_ => here.Count > 0))
                parts.Add(new(group.Evidence, (await AskAsync(group, [.. here], [], stop)).Rows));
            var missing = some.Where(id => !here.Contains(id)).ToList();
            if (missing.Count == 0)
                continue;
            if (IsProven(witnesses.Count, shown) || (witnesses.Count == 0 && (here.Count > 0 || await IsShownAsync(shape.Object, missing.Count, stop))))
                absent.AddRange(missing);
            else
                doubt = $"records of {shape.Object} that live are not shown either: does the user still see all of them?";
        }
        await RefuseMassAsync(shape.Object, absent.Count, stop);
        return new(parts, absent, doubt);
    }

    /// <summary>A witness may have been purged a moment ago; most have not.</summary>
    private static bool IsProven(int asked, int shown) => asked > 0 && shown * 2 > asked;

    private async Task<bool> IsShownAsync(string objectName, int missing, CancellationToken stop) =>
        missing <= AbsenceCheck.Few && await rest.DescribeAsync(objectName, stop) is { Queryable: true };

    private async Task<(IReadOnlyList<EvidenceRow> Rows, int Witnesses)> AskAsync(ReadShape shape, IReadOnlyList<string> ids, IReadOnlyList<string> witnesses, CancellationToken stop)
    {
        var (asked, others) = (ids.ToHashSet(StringComparer.Ordinal), witnesses.ToHashSet(StringComparer.Ordinal));
        var (rows, shown) = (new List<EvidenceRow>(), 0);
        await foreach (var page in rest.QueryAsync(SoqlText.ByIds(shape.Object, shape.Select(shape.Evidence.Fields), ids.Concat(witnesses)), all: shape.HasIsDeleted, CallClass.Repair, stop))
        {
            foreach (var record in page)
            {
                var row = RecordJson.Row(record, shape);
                if (asked.Contains(row.Id)) rows.Add(row);
                else if (others.Contains(row.Id) && !row.IsDeleted) shown++;
            }
        }
        return (rows, shown);
    }

    // Fields of a wide object do not all fit into a URL beside the ids.
    private List<ReadShape> Groups(ReadShape shape, int ids)
    {
        var sample = Enumerable.Repeat("000000000000000000", ids).ToList();
        List<List<EvidenceField>> groups = [[]];
        foreach (var field in shape.Evidence.Fields)
        {
            groups[^1].Add(field);
            if (rest.Fits(SoqlText.ByIds(shape.Object, shape.Select(groups[^1]), sample)))
                continue;
            groups[^1].RemoveAt(groups[^1].Count - 1);
            groups.Add([field]);
        }
        return [.. groups.Select((fields, i) => shape with { Evidence = new EvidenceShape(shape.Object, fields, Complete: i == groups.Count - 1) })];
    }

    private IEnumerable<IReadOnlyList<string>> Chunks(List<ReadShape> groups, IReadOnlyList<string> ids, IReadOnlyList<string> witnesses)
    {
        var size = IdsPerQuery;
        while (size > 1 && groups.Exists(g => !rest.Fits(SoqlText.ByIds(g.Object, g.Select(g.Evidence.Fields), ids.Take(size).Concat(witnesses)))))
            size = size * 3 / 4;
        return ids.Chunk(size);
    }

    private async Task<IReadOnlyList<string>> OthersAsync(string objectName, string[] except, int count, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        if (await TableAsync(connection, objectName, stop) is not { } table)
            return [];
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            $"select id from {table} where not _sync_deleted and not _sync_incomplete and id <> all(@Except) limit @Count", new { Except = except, Count = count }, cancellationToken: stop))];
    }

    private async Task RefuseMassAsync(string objectName, int absent, CancellationToken stop)
    {
        if (absent <= AbsenceCheck.Few)
            return;
        await using var connection = await source.OpenConnectionAsync(stop);
        if (await TableAsync(connection, objectName, stop) is not { } table)
            return;
        var live = await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) from {table} where not _sync_deleted", commandTimeout: 600, cancellationToken: stop));
        if (AbsenceCheck.IsTooMuch(absent, live))
        {
            throw new ObjectFrozenException(
                $"{absent} of {live} records of {objectName} are not shown any more; nothing was deleted: look whether the user lost the right to see them, "
                + "or accept it with snapshot --accept-absences --yes");
        }
    }

    private async Task<string?> TableAsync(NpgsqlConnection connection, string objectName, CancellationToken stop)
    {
        var table = Sql.Quote(schema, PostgresName.Of(objectName));
        await using var exists = new NpgsqlCommand(Exists, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = table } } };
        return await exists.ExecuteScalarAsync(stop) is true ? table : null;
    }
}
