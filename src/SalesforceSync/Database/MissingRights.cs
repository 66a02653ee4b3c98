using Npgsql;

namespace SalesforceSync.Database;

/// <summary>Which rights our role lacks on what is ours: Postgres itself names the table only, not the right.</summary>
internal static class MissingRights
{
    // Others may have tables of their own in the org's schema: the copy's are known by their system column. Of a partitioned table only itself is asked for.
    // What the worker makes and changes itself it has to own. The audit is only added to, and migrations are written by migrate.
    private const string Ask = """
        select string_agg(format('%s on %s', rights, name), '; ' order by name) from (
            select format('%I.%I', n.nspname, c.relname) as name, string_agg(r.name, ', ' order by r.place) as rights
            from pg_class c join pg_namespace n on n.oid = c.relnamespace,
                unnest(array['select', 'insert', 'update', 'delete', 'ownership']) with ordinality as r (name, place)
            where c.relkind in ('r', 'p') and not c.relispartition
                and case
                    when r.name = 'ownership' then (n.nspname <> 'salesforce_sync' or c.relname = 'event') and not pg_has_role(c.relowner, 'usage')
                    when n.nspname = 'salesforce_sync' and c.relname = 'audit' and r.place > 2 then false
                    when n.nspname = 'salesforce_sync' and c.relname = 'migration' and r.place > 1 then false
                    else not has_table_privilege(c.oid, r.name) end
                and (n.nspname like 'salesforce\_sync%' or (n.nspname = any ($1)
                    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = '_sync_event')))
            group by 1
            union all
            select format('schema %I', n.nspname), string_agg(r.name, ', ' order by r.name)
            from pg_namespace n, unnest(array['usage', 'create']) as r (name)
            where (n.nspname like 'salesforce\_sync%' or n.nspname = any ($1)) and not has_schema_privilege(n.oid, r.name)
            group by 1) as lacking
        """;

    /// <summary><c>insert, update on acme.account; usage on schema acme</c>; null when nothing is missing.</summary>
    /// <param name="schemas">Schemas of tables of copies.</param>
    public static async Task<string?> OfAsync(NpgsqlConnection connection, IEnumerable<string> schemas, CancellationToken stop)
    {
        await using var ask = new NpgsqlCommand(Ask, connection) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. schemas] } } };
        return await ask.ExecuteScalarAsync(stop) as string;
    }
}
