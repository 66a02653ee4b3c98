using System.Text;
using Dapper;
using Npgsql;

namespace SalesforceSync.Database.Roles;

/// <summary>The three roles of a database: makes them, and gives them what <see cref="RolePlan"/> says, all in one transaction.</summary>
internal sealed class DatabaseRoles(NpgsqlDataSource source, RoleNames names, IReadOnlyList<string> orgs)
{
    private const string Present = """
        select r.rolname::text as "Name", coalesce(r.rolconfig, '{}') as "Settings",
            case when r.rolsuper then 'superuser' when r.rolcreaterole then 'createrole' when r.rolreplication then 'replication'
                when r.rolbypassrls then 'bypassrls' when r.rolcreatedb then 'createdb' end as "Power"
        from pg_roles r where r.rolname = any (@roles)
        """;

    private const string MayActAs = """
        select coalesce((select pg_has_role(who.oid, role.oid, 'usage') from pg_roles who, pg_roles role where who.rolname = coalesce(@who, current_user) and role.rolname = @role), false)
        """;

    private const string Schemas = "select nspname::text, nspowner::regrole::text from pg_namespace where nspname = any (@schemas)";

    // Indexes and the sequences of identity columns go with their tables.
    private const string Control = """
        select n.nspname::text as "Schema", c.relname::text as "Name", c.relkind::text as "Kind", pg_get_userbyid(c.relowner)::text as "Owner", p.relname::text as "Parent"
        from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
        where n.nspname = 'salesforce_sync' and c.relkind in ('r', 'p', 'v', 'S')
            and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
        order by 2
        """;

    // Others may have tables of their own in the org's schema: the copy's are known by their system column.
    private const string Written = """
        select n.nspname::text as "Schema", c.relname::text as "Name", c.relkind::text as "Kind", pg_get_userbyid(c.relowner)::text as "Owner", null::text as "Parent"
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and (n.nspname = 'salesforce_sync_image'
            or n.nspname = any (@orgs) and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = '_sync_event' and not a.attisdropped))
        order by 1, 2
        """;

    /// <summary>What is to be done now, for an administrator to look at or to run: one transaction, for psql.</summary>
    /// <exception cref="MigrationException">The control schema is missing or older than this program.</exception>
    public async Task<string> ScriptAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var script = new StringBuilder("begin;\n");
        foreach (var statement in await PlanAsync(connection, stop))
            script.Append(statement).Append(";\n");
        return script.Append("commit;\n").ToString();
    }

    /// <summary>Does it, and returns the number of statements. The audit says so.</summary>
    /// <exception cref="PostgresException">With SqlState 42501 when the role may not.</exception>
    /// <exception cref="MigrationException">The control schema is missing or older than this program, or a role is not fit.</exception>
    public async Task<int> GiveAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await Migrations.LockAsync(connection, stop);
        var plan = await PlanAsync(connection, stop);
        foreach (var statement in plan)
            await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: stop));
        await Audit.WriteAsync(connection, null, "migrate", null, new { owner = names.Owner, writer = names.Writer, reader = names.Reader, schemas = orgs }, stop);
        await ProveAsync(connection, stop);
        await transaction.CommitAsync(CancellationToken.None);
        return plan.Count;
    }

    private async Task<IReadOnlyList<string>> PlanAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (!await Migrations.AreAppliedAsync(connection, stop))
            throw new MigrationException("database: the control schema is missing or older than this program: run migrate first");
        var facts = await FactsAsync(connection, stop);
        if (facts.Roles.FirstOrDefault(r => r.Power is not null) is { } strong)
            throw new MigrationException($"role {strong.Name}: is {strong.Power}, which none of the three may be: take it away, or give another --prefix");
        return RolePlan.Of(names, facts, orgs);
    }

    private async Task<RoleFacts> FactsAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        string[] roles = [names.Owner, names.Writer, names.Reader];
        string[] schemas = [RolePlan.ControlSchema, .. RolePlan.WorkSchemas, .. orgs];
        var database = (await connection.ExecuteScalarAsync<string>(new CommandDefinition("select current_database()::text", cancellationToken: stop)))!;
        var present = await connection.QueryAsync<Row>(new CommandDefinition(Present, new { roles }, cancellationToken: stop));
        var owners = (await connection.QueryAsync<(string Name, string Owner)>(new CommandDefinition(Schemas, new { schemas }, cancellationToken: stop))).ToDictionary(s => s.Name, s => s.Owner);
        return new(
            database, [.. present.Select(r => new PresentRole(r.Name, r.Power, r.Settings))],
            await MayActAsAsync(connection, null, names.Owner, stop), await MayActAsAsync(connection, names.Owner, names.Writer, stop),
            schemas.Distinct().ToDictionary(s => s, s => owners.GetValueOrDefault(s)),
            [.. await connection.QueryAsync<Relation>(new CommandDefinition(Control, cancellationToken: stop))],
            [.. await connection.QueryAsync<Relation>(new CommandDefinition(Written, new { orgs = orgs.ToArray() }, cancellationToken: stop))]);
    }

    private static Task<bool> MayActAsAsync(NpgsqlConnection connection, string? who, string role, CancellationToken stop) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(MayActAs, new { who, role }, cancellationToken: stop));

    /// <summary>A grant of what one does not have oneself is no error to Postgres, but a warning.</summary>
    private async Task ProveAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await connection.ExecuteAsync(new CommandDefinition($"set local role {Sql.Quote(names.Writer)}", cancellationToken: stop));
        var missing = await MissingRights.OfAsync(connection, orgs, stop);
        await connection.ExecuteAsync(new CommandDefinition("reset role", cancellationToken: stop));
        if (missing is not null)
            throw new MigrationException($"role {names.Writer}: would lack {missing}: run this with a role that owns them, or that may grant them");
    }

    private sealed record Row
    {
        public string Name { get; init; } = "";

        public string[] Settings { get; init; } = [];

        public string? Power { get; init; }
    }
}
