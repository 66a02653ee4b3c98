using Npgsql;
using SalesforceSync.Database.Roles;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;

namespace SalesforceSync.Tests.Database;

/// <summary>What <c>migrate --roles</c> gives is enough for the worker, and no more than that.</summary>
public sealed class RolesTests(GivenRoles given) : IClassFixture<GivenRoles>
{
    private const string Insufficient = "42501";

    [PostgresFact]
    public async Task The_worker_copies_a_busy_org_with_the_rights_of_the_writer_and_new_tables_are_seen_by_the_reader()
    {
        given.Worked.ShouldBe(0, given.Copied.Log.ToString());
        await given.Copied.ShouldEqualTruthAsync();
        given.Copied.Log.Lines.ShouldNotContain(line => line.Text.Contains(Insufficient, StringComparison.Ordinal));
        (await given.AsAsync(given.Names.Reader, "select count(*) > 0 from acme.account")).ShouldBe(true);
        (await given.AsAsync(given.Names.Reader, "select count(*) = 0 from salesforce_sync.known_gaps")).ShouldBe(true);
        (await given.Copied.ScalarAsync<bool>("""
            select bool_and(pg_get_userbyid(c.relowner) = (case when c.relname like 'event%' or n.nspname in ('acme', 'salesforce_sync_image') then @w else @o end))
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') and n.nspname in ('salesforce_sync', 'salesforce_sync_image', 'acme')
            """.Replace("@w", $"'{given.Names.Writer}'").Replace("@o", $"'{given.Names.Owner}'"))).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Commands_work_with_the_roles_they_need()
    {
        foreach (var (role, args, code) in new (string, string[], int)[]
                 {
                     (given.Names.Reader, ["status", "--json"], 0), (given.Names.Reader, ["budget", "--json"], 0), (given.Names.Writer, ["status"], 0), (given.Names.Writer, ["pause"], 0),
                     (given.Names.Writer, ["resume"], 0), (given.Names.Writer, ["rebuild", "--object", "Account"], 0), (given.Names.Owner, ["migrate"], 0), (given.Names.Writer, ["migrate"], 0),
                     (given.Names.Reader, ["pause"], 1),
                 })
        {
            using var scratch = given.Copied.Scratch().Variable("ConnectionStrings__Postgres", given.LoginOf(role));
            var run = await CommandRun.OfAsync(scratch, args);
            run.ExitCode.ShouldBe(code, $"{role}: {string.Join(' ', args)}: {run.Out}{run.Error}");
        }
    }

    [PostgresTheory]
    [InlineData("reader", "insert into acme.account (id) values ('001000000000001AAA')")]
    [InlineData("reader", "update acme.account set name = 'x'")]
    [InlineData("reader", "delete from acme.account")]
    [InlineData("reader", "truncate acme.account")]
    [InlineData("reader", "drop table acme.account")]
    [InlineData("reader", "create table acme.mine (x int)")]
    [InlineData("reader", "create schema mine")]
    [InlineData("reader", "select token from salesforce_sync.refresh_token")]
    [InlineData("reader", "select payload from salesforce_sync.event")]
    [InlineData("reader", "select payload from salesforce_sync.quarantine")]
    [InlineData("reader", "select columns from salesforce_sync.read_row")]
    [InlineData("reader", "select diff from salesforce_sync.pending_diff")]
    [InlineData("reader", "select 1 from salesforce_sync_image.any_image")]
    [InlineData("reader", "update salesforce_sync.cursor set event = 0")]
    [InlineData("reader", "insert into salesforce_sync.repair (org, object, reason) values ('acme', 'Account', 'x')")]
    [InlineData("reader", "update salesforce_sync.audit set actor = 'somebody else'")]
    [InlineData("reader", "select x from others.secret")]
    [InlineData("writer", "update salesforce_sync.audit set actor = 'somebody else'")]
    [InlineData("writer", "delete from salesforce_sync.audit")]
    [InlineData("writer", "truncate salesforce_sync.audit")]
    [InlineData("writer", "drop table salesforce_sync.audit")]
    [InlineData("writer", "alter table salesforce_sync.audit add column x int")]
    [InlineData("writer", "create trigger t before insert on salesforce_sync.audit for each row execute function suppress_redundant_updates_trigger()")]
    [InlineData("writer", "insert into salesforce_sync.migration (number, name, checksum) values (9999, 'x', 'x')")]
    [InlineData("writer", "alter table salesforce_sync.refresh_token add column x int")]
    [InlineData("writer", "drop table salesforce_sync.cursor")]
    [InlineData("writer", "drop schema salesforce_sync cascade")]
    [InlineData("writer", "drop schema acme cascade")]
    [InlineData("writer", "drop table others.secret")]
    [InlineData("writer", "select x from others.secret")]
    [InlineData("writer", "create table others.mine (x int)")]
    [InlineData("writer", "create table public.mine (x int)")]
    [InlineData("writer", "create schema mine")]
    [InlineData("writer", "create role mine")]
    [InlineData("writer", "set role {owner}")]
    [InlineData("writer", "grant {owner} to {writer}")]
    [InlineData("writer", "alter role {reader} set default_transaction_read_only = off")]
    [InlineData("writer", "alter system set fsync = off")]
    [InlineData("writer", "create extension file_fdw")]
    [InlineData("writer", "copy acme.account to '/tmp/x'")]
    [InlineData("writer", "select pg_read_file('/etc/hostname')")]
    [InlineData("owner", "create role mine")]
    [InlineData("owner", "select x from others.secret")]
    [InlineData("owner", "drop table others.secret")]
    [InlineData("owner", "alter system set fsync = off")]
    public async Task What_a_role_does_not_need_it_may_not(string role, string act)
    {
        var names = given.Names;
        var statement = act.Replace("{owner}", names.Owner, StringComparison.Ordinal).Replace("{writer}", names.Writer, StringComparison.Ordinal).Replace("{reader}", names.Reader, StringComparison.Ordinal);
        // What is only the default of its sessions the reader lifts here: it is the right that is missing.
        var refused = await Should.ThrowAsync<PostgresException>(() => given.AsAsync($"{names.Prefix}_{role}", statement, before: "set default_transaction_read_only = off"));
        refused.SqlState.ShouldBe(Insufficient, refused.MessageText);
    }

    [PostgresFact]
    public async Task A_session_of_the_reader_writes_nothing_even_where_it_may()
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => given.AsAsync(given.Names.Reader, "create temp table t (x int)"));
        refused.SqlState.ShouldBe("25006");
    }

    [PostgresFact]
    public async Task It_may_be_said_again_and_puts_right_what_was_changed_by_hand()
    {
        var (writer, reader) = (given.Names.Writer, given.Names.Reader);
        await given.ExecuteAsync(
            $"grant update, delete on salesforce_sync.audit to {writer}", $"grant select on salesforce_sync.refresh_token to {reader}", $"revoke select on acme.contact from {reader}",
            $"revoke update on salesforce_sync.cursor from {writer}", $"alter role {reader} reset default_transaction_read_only");
        (await given.GiveAsync()).ExitCode.ShouldBe(0);
        (await given.Copied.ScalarAsync<string>($"""
            select concat_ws(' ', has_table_privilege('{writer}', 'salesforce_sync.audit', 'update, delete'), has_table_privilege('{reader}', 'salesforce_sync.refresh_token', 'select'),
                has_table_privilege('{reader}', 'acme.contact', 'select'), has_table_privilege('{writer}', 'salesforce_sync.cursor', 'update'),
                (select rolconfig from pg_roles where rolname = '{reader}'))
            """)).ShouldBe("f f t t {default_transaction_read_only=on}");
        (await given.Copied.ScalarAsync<bool>("select count(*) > 1 from salesforce_sync.audit where verb = 'migrate' and details ? 'writer'")).ShouldBeTrue();
    }

    /// <summary>One grant at a time: each that the worker lives on is missed by name.</summary>
    [PostgresFact]
    public async Task Every_right_that_is_taken_away_is_named()
    {
        var writer = given.Names.Writer;
        await using var connection = await given.Copied.Source.OpenConnectionAsync();
        async Task<string?> MissingAsync(string act)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var strike = new NpgsqlCommand($"{act}; set local role {writer}", connection))
                await strike.ExecuteNonQueryAsync();
            return await SalesforceSync.Database.MissingRights.OfAsync(connection, ["acme"], CancellationToken.None);
        }
        (await MissingAsync("select 1")).ShouldBeNull();
        var tables = (await given.Copied.ScalarAsync<string>("""
            select string_agg(c.oid::regclass::text, ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('salesforce_sync', 'acme')
            """))!.Split(' ');
        tables.Length.ShouldBeGreaterThan(30);
        foreach (var table in tables)
        {
            foreach (var right in table switch { "salesforce_sync.audit" => ["select", "insert"], "salesforce_sync.migration" => ["select"], _ => (string[])["select", "insert", "update", "delete"] })
                (await MissingAsync($"revoke {right} on {table} from {writer}")).ShouldBe($"{right} on {table}");
        }
        foreach (var schema in new[] { "acme", "salesforce_sync", "salesforce_sync_image", "salesforce_sync_shadow" })
        {
            (await MissingAsync($"revoke create on schema {schema} from {writer}")).ShouldBe($"create on schema {schema}");
            (await MissingAsync($"revoke usage on schema {schema} from {writer}")).ShouldBe($"usage on schema {schema}");
        }
        foreach (var owned in new[] { "acme.account", "salesforce_sync.event" })
            (await MissingAsync($"alter table {owned} owner to {given.Names.Owner}")).ShouldBe($"select, insert, update, delete, ownership on {owned}");
    }

    [PostgresFact]
    public async Task Every_relation_of_the_control_schema_is_open_to_the_reader_or_kept_from_it_on_purpose()
    {
        // A relation that is new belongs into ControlTables.Open, or here, because it holds values of fields, secrets, or nothing a reader would ask for.
        string[] kept =
        [
            "deletion", "event", "input", "pending_diff", "quarantine", "read_row", "refresh_token", "seen", "suspect", "touch",
        ];
        var there = (await given.Copied.ScalarAsync<string>("""
            select string_agg(c.relname, ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'salesforce_sync' and c.relkind in ('r', 'p', 'v') and not c.relispartition
            """))!.Split(' ');
        there.Order().ShouldBe(ControlTables.Open.Concat(kept).Order());
    }

    [PostgresFact]
    public async Task What_later_migrations_make_is_the_owners_and_the_writers()
    {
        var file = new SalesforceSync.Database.Migration(9000, "later", "create table salesforce_sync.later (x int generated always as identity, y int)");
        var database = await GivenRoles.CreateAsync();
        await using (database)
        {
            await using var source = NpgsqlDataSource.Create(database.Admin);
            await SalesforceSync.Database.Migrations.ApplyAsync(source, [.. SalesforceSync.Database.Migrations.All, file], Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None);
            (await database.Copied.ScalarAsync<string>("select pg_get_userbyid(relowner)::text from pg_class where oid = 'salesforce_sync.later'::regclass")).ShouldBe(database.Names.Owner);
            await database.AsAsync(database.Names.Writer, "insert into salesforce_sync.later (y) values (1); update salesforce_sync.later set y = 2");
            (await Should.ThrowAsync<PostgresException>(() => database.AsAsync(database.Names.Reader, "select x from salesforce_sync.later"))).SqlState.ShouldBe(Insufficient);
        }
    }

    [PostgresFact]
    public async Task Without_the_right_to_make_roles_the_statements_are_printed_for_an_administrator_and_do_the_same()
    {
        await using var database = await GivenRoles.CreateAsync(give: false);
        using var scratch = database.Scratch("plain");
        var run = await CommandRun.OfAsync(scratch, "migrate", "--roles", "--prefix", database.Names.Prefix);
        run.ExitCode.ShouldBe(1);
        run.Error.ShouldStartWith("Postgres: permission denied to create role: making roles takes CREATEROLE");
        run.Out.ShouldStartWith($"begin;\ncreate role \"{database.Names.Owner}\" nologin;\n");
        (await database.Copied.ScalarAsync<bool>($"select count(*) = 0 from pg_roles where rolname like '{database.Names.Prefix}\\_%er'")).ShouldBeTrue();
        (await CommandRun.OfAsync(scratch, "migrate", "--roles", "--print", "--prefix", database.Names.Prefix)).ShouldBe(new CommandRun(0, run.Out, ""));

        await database.ExecuteAsync(run.Out);
        await using var connection = await database.Copied.Source.OpenConnectionAsync();
        await using (var act = new NpgsqlCommand($"set role {database.Names.Writer}", connection))
            await act.ExecuteNonQueryAsync();
        (await SalesforceSync.Database.MissingRights.OfAsync(connection, ["acme"], CancellationToken.None)).ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_role_that_may_too_much_is_not_taken()
    {
        await using var database = await GivenRoles.CreateAsync(give: false);
        await database.ExecuteAsync($"create role {database.Names.Writer} superuser");
        var run = await database.GiveAsync();
        run.ExitCode.ShouldBe(1);
        run.Error.ShouldBe($"role {database.Names.Writer}: is superuser, which none of the three may be: take it away, or give another --prefix\n");
    }

    [Theory]
    [InlineData("--prefix", "x", "--prefix: x: goes with --roles")]
    [InlineData("--print", "", "--print: given: goes with --roles")]
    [InlineData("--roles", "--prefix=pg_x", "--prefix: pg_x: give a lower-case letter, then at most 40 lower-case letters, digits and _, and not pg_")]
    [InlineData("--roles", "--prefix=a\"; drop", "--prefix: a\"; drop: give a lower-case letter, then at most 40 lower-case letters, digits and _, and not pg_")]
    public async Task What_makes_no_sense_is_refused(string option, string value, string fault)
    {
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1;Username=u;Database=d");
        var run = await CommandRun.OfAsync(scratch, [.. new[] { "migrate", option, value }.Where(word => word.Length > 0)]);
        (run.ExitCode, run.Error).ShouldBe((2, fault + "\n"));
    }
}
