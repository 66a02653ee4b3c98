using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// What a reading that compares every field found: how many records and, by column, how many values were others here than there. Columns and numbers only,
/// never a value. Written within the merge that mends them, so that each difference is counted once.
/// </summary>
internal static class DeepCount
{
    /// <summary>The reason of a reading that compares every field.</summary>
    public const string Reason = "verify deep";

    private const string Sum = """
        on conflict (read) do update set changed = sweep.changed + excluded.changed, missing = sweep.missing + excluded.missing,
            deleted = sweep.deleted + excluded.deleted, absent = sweep.absent + excluded.absent, columns = sweep.columns + excluded.columns,
            differing = (select coalesce(jsonb_object_agg(v.key, v.n), '{}') from (
                select b.key, sum(b.value::bigint) as n from (
                    select * from jsonb_each_text(sweep.differing) union all select * from jsonb_each_text(excluded.differing)) b group by b.key) v)
        """;

    private const string Rows = $"""
        insert into salesforce_sync.sweep (read, org, object, missing, absent) values ($1, $2, $3, $4, $5) {Sum}
        """;

    /// <summary>Counts records that were not here at all, and records that are here and not there.</summary>
    public static async Task RowsAsync(OrgTransaction org, string name, MergeTerms terms, long missing, long absent, CancellationToken stop)
    {
        if (missing + absent > 0)
            await org.RunAsync(Rows, [Bigint(terms.Id), Text(name), Text(terms.Object), Bigint(missing), Bigint(absent)], stop);
    }

    /// <summary>Counts what the rows kept before a merge were and what they are now.</summary>
    /// <param name="call">Whose rows of <see cref="MergeStage.Before"/> they are.</param>
    public static Task ChangesAsync(OrgTransaction org, string name, MergeTerms terms, ObjectTable table, long call, CancellationToken stop) => org.RunAsync(
        $"""
        with rows as (
            select b.was, to_jsonb(n) as now, (b.was ->> '_sync_deleted')::boolean as was_deleted, n._sync_deleted as is_deleted
            from {MergeStage.Before} b join {table.Quoted} n on n.id = b.id where b.call = $4),
        told as (
            select r.was is null as is_new, r.was_deleted, r.is_deleted, (
                select array_agg(c.key) from jsonb_each_text(r.now) c
                where r.was is not null and not starts_with(c.key, '_sync_') and c.value is distinct from r.was ->> c.key) as columns
            from rows r),
        values_of as (select c as key, count(*) as n from told t, unnest(t.columns) c group by c)
        insert into salesforce_sync.sweep (read, org, object, changed, missing, deleted, columns, differing)
        select $1, $2, $3, count(*) filter (where not is_new and was_deleted = is_deleted and columns is not null),
            count(*) filter (where not is_deleted and (is_new or was_deleted)), count(*) filter (where is_deleted and not is_new and not was_deleted),
            coalesce((select sum(v.n) from values_of v), 0), coalesce((select jsonb_object_agg(v.key, v.n) from values_of v), '{"{}"}')
        from told {Sum}
        """,
        [Bigint(terms.Id), Text(name), Text(terms.Object), Bigint(call)], stop);

    private static NpgsqlParameter Text(string value) => OrgTransaction.Value(value, NpgsqlDbType.Text);

    private static NpgsqlParameter Bigint(long value) => OrgTransaction.Value(value, NpgsqlDbType.Bigint);
}
