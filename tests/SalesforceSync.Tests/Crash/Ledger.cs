using Dapper;
using Npgsql;
using SalesforceSync.Simulator.Comparison;

namespace SalesforceSync.Tests.Crash;

/// <summary>
/// Every write to every table of the copy, and every move of the applied position, kept by row triggers of the database itself and without a unique key, so that what happens twice shows. The triggers
/// come with each table, by an event trigger, which takes a superuser.
/// </summary>
internal sealed class Ledger(NpgsqlDataSource source, string schema)
{
    private const string Install = """
        create schema watch;
        create table watch.ledger (
            line bigint generated always as identity, object text not null, id text not null, sync_event bigint, transaction_key text, sequence integer,
            deleted boolean not null, xid xid8 not null default pg_current_xact_id(), at timestamptz not null default clock_timestamp());
        create table watch.move (event bigint, xid xid8 not null default pg_current_xact_id());
        create function watch.note() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                insert into watch.ledger (object, id, deleted) values (tg_table_name, old.id, true);
            else
                insert into watch.ledger (object, id, sync_event, transaction_key, sequence, deleted)
                values (tg_table_name, new.id, new._sync_event, new._sync_transaction_key, new._sync_sequence, new._sync_deleted);
            end if;
            return null;
        end $$;
        create function watch.note_move() returns trigger language plpgsql as $$
        begin
            insert into watch.move (event) values (new.event);
            return null;
        end $$;
        create function watch.follow_moves() returns void language sql as $$
            create trigger ledger after insert or update on salesforce_sync.cursor for each row when (new.stage = 'applied') execute function watch.note_move();
        $$;
        create function watch.follow() returns event_trigger language plpgsql as $$
        declare made record;
        begin
            if exists (select from pg_event_trigger_ddl_commands() where command_tag = 'CREATE TABLE' and object_identity = 'salesforce_sync.cursor') then
                perform watch.follow_moves();
            end if;
            for made in select object_identity from pg_event_trigger_ddl_commands() where command_tag = 'CREATE TABLE' and schema_name = '{0}' loop
                execute format('create trigger ledger after insert or update or delete on %s for each row execute function watch.note()', made.object_identity);
            end loop;
        end $$;
        create event trigger watch_tables on ddl_command_end when tag in ('CREATE TABLE') execute function watch.follow();
        do $$
        begin
            if to_regclass('salesforce_sync.cursor') is not null then
                perform watch.follow_moves();
            end if;
        end $$;
        """;

    private const string Doubled = """
        select object || ' ' || id || ' event ' || sync_event from watch.ledger where sync_event is not null group by object, id, sync_event having count(*) > 1
        """;

    private const string Unordered = """
        select object || ' ' || id || ' event ' || sync_event || ' after ' || before from (
            select object, id, sync_event, lag(sync_event) over (partition by object, id order by line) as before from watch.ledger where sync_event is not null) l
        where sync_event <= before
        """;

    private const string Torn = """
        select transaction_key from watch.ledger where transaction_key is not null group by transaction_key having count(distinct xid) > 1
        """;

    // The position a row stands for is moved in the row's own transaction, or a crash comes between the two.
    private const string Apart = """
        select object || ' ' || id || ' event ' || sync_event from watch.ledger l where transaction_key is not null and not exists (select from watch.move m where m.xid = l.xid)
        """;

    // What a reading wrote carries no key: it says nothing of the stream, and hides nothing of it.
    private const string Last = """
        select distinct on (object, id) object as "Object", id as "Id", transaction_key as "Key", coalesce(sequence, 0) as "Sequence"
        from watch.ledger where transaction_key is not null or sync_event is null order by object, id, line desc
        """;

    /// <summary>Makes the ledger and whatever is needed so that tables made later are in it.</summary>
    public async Task InstallAsync()
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(Install.Replace("{0}", schema, StringComparison.Ordinal));
    }

    public async Task<long> CountAsync()
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from watch.ledger");
    }

    /// <summary>Everything that speaks against exactly once, in order, and whole, compared with what the org says happened last to each record.</summary>
    public async Task<LedgerFaults> FaultsAsync(Truth truth)
    {
        await using var connection = await source.OpenConnectionAsync();
        var doubled = await connection.QueryAsync<string>(Doubled);
        var unordered = await connection.QueryAsync<string>(Unordered);
        var torn = await connection.QueryAsync<string>(Torn);
        var apart = await connection.QueryAsync<string>(Apart);
        var last = (await connection.QueryAsync<LastWrite>(Last)).ToDictionary(w => (w.Object, w.Id), w => (w.Key, w.Sequence));
        var lost = truth.Records.Where(r => !r.Dirty && last.GetValueOrDefault((r.ObjectName.ToLowerInvariant(), r.Id)) != (r.TransactionKey, r.Sequence));
        return new([.. doubled], [.. unordered], [.. torn], [.. apart], [.. lost.Select(r => $"{r.ObjectName} {r.Id} transaction {r.TransactionKey} sequence {r.Sequence}")]);
    }

    private sealed record LastWrite
    {
        public string Object { get; init; } = "";

        public string Id { get; init; } = "";

        public string? Key { get; init; }

        public int Sequence { get; init; }
    }
}

/// <summary>What the ledger has against a copy.</summary>
/// <param name="Doubled">Writes of one event to one record, more than once.</param>
/// <param name="Unordered">Writes of a record that do not ascend.</param>
/// <param name="Torn">Salesforce transactions that came in more than one Postgres transaction.</param>
/// <param name="Apart">Writes of the stream in a Postgres transaction that does not move the applied position.</param>
/// <param name="Lost">Records whose last event was never written, or not last.</param>
internal sealed record LedgerFaults(
    IReadOnlyList<string> Doubled, IReadOnlyList<string> Unordered, IReadOnlyList<string> Torn, IReadOnlyList<string> Apart, IReadOnlyList<string> Lost)
{
    public bool Any => Doubled.Count + Unordered.Count + Torn.Count + Apart.Count + Lost.Count > 0;

    public override string ToString() => $"""
        {Doubled.Count} doubled, {Unordered.Count} unordered, {Torn.Count} torn, {Apart.Count} apart from their position, {Lost.Count} lost
        {string.Join('\n', Doubled.Concat(Unordered).Concat(Torn).Concat(Apart).Concat(Lost).Take(20))}
        """;
}
