using Dapper;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;

namespace SalesforceSync.Cli.Checks;

/// <summary>Whether Postgres is there, is one we know, keeps what it commits, and lets us make what we need.</summary>
internal sealed class PostgresCheck(NpgsqlDataSource source, IReadOnlyList<OrgOptions> orgs, TimeProvider time)
{
    private const int Oldest = 15;
    private const int NewestTried = 17;
    private const double NearlySpent = 0.9;

    private const string Ask = """
        select current_setting('server_version_num')::int / 10000 as "Version", pg_encoding_to_char(encoding) as "Encoding",
            current_setting('fsync') = 'on' as "Fsync", current_setting('full_page_writes') = 'on' as "FullPageWrites",
            pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "ReadOnly",
            current_user::text as "Role", datname::text as "Database",
            has_database_privilege(datname, 'create') as "MayCreate", has_database_privilege(datname, 'temp') as "MayStage", clock_timestamp() as "Now",
            to_regclass('salesforce_sync.migration') is not null as "IsMigrated"
        from pg_database where datname = current_database()
        """;

    private const string Schemas = """
        select n.nspname::text as "Name", has_schema_privilege(n.oid, 'create') and has_schema_privilege(n.oid, 'usage') as "MayUse"
        from pg_namespace n where n.nspname = any(@names)
        """;

    private const string Stored = "select name, org_id from salesforce_sync.org where org_id is not null";

    private const string Objects = "select org, object from salesforce_sync.object";

    private const string Spent = """
        select org, calls from salesforce_sync.api_budget where month = date_trunc('month', clock_timestamp() at time zone 'UTC')::date
        """;

    private const string MigrationsApplied = "select count(*) from salesforce_sync.migration";

    private ILookup<string, string> _objects = Array.Empty<(string, string)>().ToLookup(o => o.Item1, o => o.Item2);

    /// <summary>Whether the control schema is there, so that calls can be booked and refresh tokens kept. Known after <see cref="RunAsync"/>.</summary>
    public bool IsMigrated { get; private set; }

    /// <summary>Which org the tables hold, by name of the configuration. Known after <see cref="RunAsync"/>.</summary>
    public IReadOnlyDictionary<string, string> StoredOrgs { get; private set; } = new Dictionary<string, string>();

    /// <summary>The objects whose copy has begun. Known after <see cref="RunAsync"/>.</summary>
    public IReadOnlyList<string> ObjectsOf(string org) => [.. _objects[org]];

    public async Task<List<Finding>> RunAsync(CancellationToken stop)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(stop);
            var server = await connection.QuerySingleAsync<Server>(new CommandDefinition(Ask, cancellationToken: stop));
            List<Finding> findings = [.. OfServer(server), ClockCheck.OfPostgres(new DateTimeOffset(server.Now, TimeSpan.Zero) - time.GetUtcNow())];
            findings.AddRange(await OfRightsAsync(connection, server, stop));
            if (await TransactionPooler.IsBetweenAsync(source, stop))
                findings.Add(Finding.Failed(null, "postgres sessions", "are shared by a pooler in transaction mode", TransactionPoolerException.Remedy));
            if (server.IsMigrated)
                await ReadControlSchemaAsync(connection, findings, stop);
            return findings;
        }
        catch (NpgsqlException e)
        {
            return [Finding.Failed(null, "postgres", "cannot be used", PostgresFailure.Say(e))];
        }
        catch (TimeoutException)
        {
            return [Finding.Failed(null, "postgres", "does not answer in time", "check Host and Port in ConnectionStrings:Postgres and the firewall")];
        }
    }

    private static IEnumerable<Finding> OfServer(Server server)
    {
        yield return server.Version switch
        {
            < Oldest => Finding.Failed(null, "postgres version", $"{server.Version}", $"use Postgres {Oldest} to {NewestTried}"),
            > NewestTried => Finding.Warning(null, "postgres version", $"{server.Version}", $"is newer than what is tried; {Oldest} to {NewestTried} are"),
            _ => Finding.Ok(null, "postgres version", $"{server.Version}"),
        };
        yield return server.Encoding == "UTF8"
            ? Finding.Ok(null, "postgres encoding", server.Encoding)
            : Finding.Failed(null, "postgres encoding", server.Encoding, "create the database with encoding UTF8: other encodings cannot hold every text of Salesforce");
        yield return server is { Fsync: true, FullPageWrites: true }
            ? Finding.Ok(null, "postgres durability", "fsync and full_page_writes are on")
            : Finding.Failed(null, "postgres durability", $"{(server.Fsync ? "full_page_writes" : "fsync")} is off", "set fsync = on and full_page_writes = on: without them a power failure can destroy the copy");
        if (server.ReadOnly)
            yield return Finding.Failed(null, "postgres", "is read-only", "connect to the primary, with a role whose default_transaction_read_only is off");
    }

    private async Task<List<Finding>> OfRightsAsync(NpgsqlConnection connection, Server server, CancellationToken stop)
    {
        string[] names = ["salesforce_sync", .. orgs.Select(o => o.Schema)];
        var existing = (await connection.QueryAsync<SchemaRight>(new CommandDefinition(Schemas, new { names }, cancellationToken: stop))).ToDictionary(s => s.Name, s => s.MayUse);
        var findings = new List<Finding>();
        foreach (var name in names)
        {
            if (existing.TryGetValue(name, out var mayUse) && !mayUse)
                findings.Add(Finding.Failed(null, "postgres rights", $"{server.Role} may not use the schema {name}", $"grant usage, create on schema {name} to the role"));
            else if (!existing.ContainsKey(name) && !server.MayCreate)
                findings.Add(Finding.Failed(null, "postgres rights", $"{server.Role} may not create the schema {name}", $"grant create on database {server.Database} to the role, or create the schema for it"));
        }
        if (!server.MayStage)
            findings.Add(Finding.Failed(null, "postgres rights", $"{server.Role} may not make temporary tables", $"grant temporary on database {server.Database} to the role"));
        if (await MissingRights.OfAsync(connection, orgs.Select(o => o.Schema), stop) is { } missing && findings.Count == 0)
            findings.Add(Finding.Failed(null, "postgres rights", $"{server.Role} lacks rights on what is there: {missing}", "grant them back to the role"));
        if (findings.Count == 0)
            findings.Add(Finding.Ok(null, "postgres rights", $"{server.Role} may create what is needed"));
        return findings;
    }

    private async Task ReadControlSchemaAsync(NpgsqlConnection connection, List<Finding> findings, CancellationToken stop)
    {
        var applied = await connection.ExecuteScalarAsync<long>(new CommandDefinition(MigrationsApplied, cancellationToken: stop));
        IsMigrated = applied == Migrations.All.Count;
        findings.Add(applied < Migrations.All.Count ? Finding.Warning(null, "control schema", $"{Migrations.All.Count - applied} migrations behind", "run applies them; so does migrate")
            : applied == Migrations.All.Count ? Finding.Ok(null, "control schema", "up to date")
            : Finding.Failed(null, "control schema", "newer than this program", "start a program at least as new as the database"));
        StoredOrgs = (await connection.QueryAsync<(string Name, string OrgId)>(new CommandDefinition(Stored, cancellationToken: stop))).ToDictionary(o => o.Name, o => o.OrgId);
        if (!IsMigrated) return;
        _objects = (await connection.QueryAsync<(string Org, string Object)>(new CommandDefinition(Objects, cancellationToken: stop))).ToLookup(o => o.Org, o => o.Object);
        var spent = (await connection.QueryAsync<(string Org, long Calls)>(new CommandDefinition(Spent, cancellationToken: stop))).ToDictionary(s => s.Org, s => s.Calls);
        foreach (var org in orgs)
            findings.Add(OfBudget(org, spent.GetValueOrDefault(org.Name)));
    }

    private static Finding OfBudget(OrgOptions org, long spent)
    {
        var found = $"{spent} of {org.ApiBudget.CallsPerMonth} calls of our own used this month";
        return spent < org.ApiBudget.CallsPerMonth * NearlySpent
            ? Finding.Ok(org.Name, "call budget", found)
            : Finding.Warning(org.Name, "call budget", found, $"see budget for what used them, or raise Orgs:{org.Name}:ApiBudget:CallsPerMonth: repairs and sweeps wait otherwise");
    }

    private sealed record Server
    {
        public int Version { get; init; }

        public string Encoding { get; init; } = "";

        public bool Fsync { get; init; }

        public bool FullPageWrites { get; init; }

        public bool ReadOnly { get; init; }

        public string Role { get; init; } = "";

        public string Database { get; init; } = "";

        public bool MayCreate { get; init; }

        public bool MayStage { get; init; }

        public DateTime Now { get; init; }

        public bool IsMigrated { get; init; }
    }

    private sealed record SchemaRight
    {
        public string Name { get; init; } = "";

        public bool MayUse { get; init; }
    }
}
