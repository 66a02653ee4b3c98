using Npgsql;
using SalesforceSync.Database.Roles;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Database;

/// <summary>
/// A database whose roles were made by <c>migrate --roles</c>, run by an administrator who is no superuser, and an org that a worker has copied as the writer.
/// </summary>
public sealed class GivenRoles : IAsyncLifetime, IAsyncDisposable
{
    private const string Password = "first";

    private static int _count;

    internal CopiedOrg Copied { get; private set; } = null!;

    internal RoleNames Names { get; } = new($"r{Environment.ProcessId}x{Interlocked.Increment(ref _count)}");

    /// <summary>What the worker ended with.</summary>
    internal int Worked { get; private set; }

    /// <summary>A connection string of the administrator.</summary>
    internal string Admin => LoginOf($"{Names.Prefix}_admin");

    public async Task InitializeAsync()
    {
        if (PostgresFixture.SkipReason is not null) return;
        await PrepareAsync();
        var given = await GiveAsync();
        given.ExitCode.ShouldBe(0, given.Error);
        await ExecuteAsync(new[] { Names.Owner, Names.Writer, Names.Reader }.Select(role => $"alter role {role} login password '{Password}'").ToArray());
        Copied.WorkerDatabase = LoginOf(Names.Writer);
        Copied.Start();
        var workload = new Workload(Copied.Simulated.Org, new WorkloadOptions { Seed = 11 });
        for (var i = 0; i < 300; i++) workload.Next();
        await Copied.CaughtUpAsync();
        await Copied.UntilAsync("select count(*) > 2 from salesforce_sync.image");
        await Copied.UntilAsync("select not exists (select from salesforce_sync.known_gaps) and not exists (select from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))");
        Worked = await Copied.StopAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Copied is null) return;
        // Roles outlive the database.
        await ExecuteAsync($"alter database {new NpgsqlConnectionStringBuilder(Copied.Database).Database} owner to current_user");
        foreach (var role in (await Copied.ScalarAsync<string>($"select string_agg(rolname, ' ') from pg_roles where rolname like '{Names.Prefix}\\_%'"))!.Split(' '))
            await ExecuteAsync($"drop owned by {role} cascade", $"drop role {role}");
        await Copied.DisposeAsync();
    }

    /// <summary>A database of its own, without an org that is copied.</summary>
    /// <param name="give">Whether the roles are made.</param>
    internal static async Task<GivenRoles> CreateAsync(bool give = true)
    {
        var roles = new GivenRoles();
        await roles.PrepareAsync();
        if (!give) return roles;
        (await roles.GiveAsync()).ExitCode.ShouldBe(0);
        await roles.ExecuteAsync(new[] { roles.Names.Owner, roles.Names.Writer, roles.Names.Reader }.Select(role => $"alter role {role} login password '{Password}'").ToArray());
        return roles;
    }

    internal Task<CommandRun> GiveAsync()
    {
        using var scratch = Scratch("admin");
        return CommandRun.OfAsync(scratch, "migrate", "--roles", "--prefix", Names.Prefix);
    }

    internal ScratchConfiguration Scratch(string role) =>
        new ScratchConfiguration().Variable("ConnectionStrings__Postgres", LoginOf($"{Names.Prefix}_{role}")).Variable("Orgs__acme__LoginUrl", "https://acme.my.salesforce.com");

    internal string LoginOf(string role) => new NpgsqlConnectionStringBuilder(Copied.Database) { Username = role, Password = Password }.ConnectionString;

    /// <summary>The first value of what one role is answered.</summary>
    /// <param name="before">A statement of its own before that, in the same session.</param>
    internal async Task<object?> AsAsync(string role, string sql, string before = "select 1")
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(LoginOf(role)) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using (var first = new NpgsqlCommand(before, connection))
            await first.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>As a superuser, one by one.</summary>
    internal async Task ExecuteAsync(params string[] statements)
    {
        foreach (var statement in statements) await Copied.ScalarAsync<object>(statement);
    }

    /// <summary>An administrator with CREATEROLE who owns the database, one without, and somebody else's schema.</summary>
    private async Task PrepareAsync()
    {
        Copied = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) }, database: await PostgresFixture.CreateEmptyDatabaseAsync());
        var database = new NpgsqlConnectionStringBuilder(Copied.Database).Database;
        await ExecuteAsync(
            $"create role {Names.Prefix}_admin login createrole password '{Password}'", $"create role {Names.Prefix}_plain login password '{Password}'", $"alter database {database} owner to {Names.Prefix}_admin",
            $"grant create on database {database} to {Names.Prefix}_plain", "create schema others", "create table others.secret as select 1 as x");
    }
}
