using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Salesforce;

public class RotatedTokenTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SignInFlow Flow = new SignInFlow.RefreshToken("id", null, new("R0"));

    [PostgresFact]
    public async Task Each_use_replaces_the_token_and_a_restart_goes_on_with_the_newest()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using (var tokens = rotating.Tokens())
        {
            tokens.Invalidate(await tokens.GetAsync(None));
            await tokens.GetAsync(None);
        }
        using (var restarted = rotating.Tokens())
            await restarted.GetAsync(None);
        rotating.Used.ShouldBe(["R0", "R1", "R2"]);
        (await rotating.KeptAsync()).ShouldBe(("R3", "R2"));
    }

    [PostgresFact]
    public async Task A_new_token_that_does_not_work_falls_back_to_the_one_before()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using (var tokens = rotating.Tokens())
            await tokens.GetAsync(None);
        (await rotating.KeptAsync()).ShouldBe(("R1", "R0"));
        rotating.Valid = "R0";
        using (var restarted = rotating.Tokens())
            await restarted.GetAsync(None);
        rotating.Used.ShouldBe(["R0", "R1", "R0"]);
        (await rotating.KeptAsync()).ShouldBe(("R2", "R0"));
    }

    [PostgresFact]
    public async Task A_token_that_worked_needs_the_one_before_no_more()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using var tokens = rotating.Tokens();
        tokens.Invalidate(await tokens.GetAsync(None));
        rotating.Rotates = false;
        tokens.Invalidate(await tokens.GetAsync(None));
        (await rotating.KeptAsync()).ShouldBe(("R1", null));
        await tokens.GetAsync(None);
        rotating.Used.ShouldBe(["R0", "R1", "R1"]);
    }

    [PostgresFact]
    public async Task A_token_a_person_gives_anew_is_tried_when_the_kept_ones_are_dead()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using (var tokens = rotating.Tokens())
            await tokens.GetAsync(None);
        rotating.Valid = "FRESH";
        using (var restarted = rotating.Tokens(new SignInFlow.RefreshToken("id", null, new("FRESH"))))
            await restarted.GetAsync(None);
        rotating.Used.ShouldBe(["R0", "R1", "R0", "FRESH"]);
        (await rotating.KeptAsync()).ShouldBe(("R2", "FRESH"));
    }

    [PostgresFact]
    public async Task An_org_that_does_not_rotate_leaves_nothing_behind()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        rotating.Rotates = false;
        using var tokens = rotating.Tokens();
        await tokens.GetAsync(None);
        (await rotating.KeptAsync()).ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_token_that_could_not_be_stored_is_stored_before_the_next_use()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using var tokens = rotating.Tokens();
        await rotating.ExecuteAsync("alter table salesforce_sync.refresh_token add constraint broken check (token <> 'R1')");
        await Should.ThrowAsync<NpgsqlException>(async () => await tokens.GetAsync(None));
        await rotating.ExecuteAsync("alter table salesforce_sync.refresh_token drop constraint broken");
        await tokens.GetAsync(None);
        rotating.Used.ShouldBe(["R0", "R1"]);
        (await rotating.KeptAsync()).ShouldBe(("R2", "R1"));
    }

    [PostgresFact]
    public async Task Being_told_to_stop_while_the_answer_is_on_its_way_does_not_lose_the_new_token()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using var stop = new CancellationTokenSource();
        rotating.BeforeAnswer = stop.CancelAsync;
        using var tokens = rotating.Tokens();
        await tokens.GetAsync(stop.Token);
        (await rotating.KeptAsync()).ShouldBe(("R1", "R0"));
    }

    [PostgresFact]
    public async Task Two_processes_take_turns()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using var one = rotating.Tokens();
        using var two = rotating.Tokens();
        await Task.WhenAll(one.GetAsync(None).AsTask(), two.GetAsync(None).AsTask());
        rotating.Used.ShouldBe(["R0", "R1"]);
    }

    [PostgresFact]
    public async Task Every_sign_in_is_booked_with_its_outcome()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        using var tokens = rotating.Tokens();
        tokens.Invalidate(await tokens.GetAsync(None));
        rotating.Valid = "none";
        await Should.ThrowAsync<SignInRefusedException>(async () => await tokens.GetAsync(None));
        (await rotating.BookedAsync()).ShouldBe(["acme sign-in 1 200", "acme sign-in 1 400", "acme sign-in 1 400"]);
    }

    [PostgresFact]
    public async Task A_new_token_is_on_disk_before_it_is_used_also_where_commits_are_asynchronous()
    {
        await using var rotating = await RotatingOrg.StartAsync();
        await FlushWatch.InstallAsync(rotating.Source, "salesforce_sync.refresh_token", "insert or update");
        using var tokens = rotating.Tokens();
        await tokens.GetAsync(None);
        (await FlushWatch.SeenAsync(rotating.Source)).ShouldBe("on");
    }

    /// <summary>A login host that takes each refresh token once, and a database to keep them in.</summary>
    private sealed class RotatingOrg : IAsyncDisposable
    {
        private readonly List<string> _used = [];
        private LoginServer _server = null!;
        private NpgsqlDataSource _source = null!;
        private int _rotations;

        public NpgsqlDataSource Source => _source;

        public string Valid { get; set; } = "R0";

        public bool Rotates { get; set; } = true;

        public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

        public IReadOnlyList<string> Used => _used;

        public static async Task<RotatingOrg> StartAsync()
        {
            var database = await PostgresFixture.CreateDatabaseAsync();
            await Migrations.ApplyAsync(database, NullLogger.Instance, None);
            var org = new RotatingOrg { _server = await LoginServer.StartAsync(), _source = Postgres.Open(database) };
            org._server.Token = org.AnswerAsync;
            return org;
        }

        public TokenSource Tokens(SignInFlow? flow = null) => new(
            _server.Org(flow ?? Flow), new SalesforceHttp(new ApiLedger(_source, new(), TimeProvider.System, NullLogger.Instance), TimeProvider.System, NullLogger.Instance), new RotatedTokenStore(_source),
            TimeProvider.System, NullLogger.Instance, 1);

        public async Task<(string, string?)?> KeptAsync()
        {
            await using var connection = await _source.OpenConnectionAsync();
            return (await connection.QueryAsync<(string, string?)?>("select token, previous from salesforce_sync.refresh_token where org = 'acme'")).SingleOrDefault();
        }

        public async Task<string[]> BookedAsync()
        {
            await using var connection = await _source.OpenConnectionAsync();
            return [.. await connection.QueryAsync<string>("select concat_ws(' ', org, class, calls, status) from salesforce_sync.api_call order by at")];
        }

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = await _source.OpenConnectionAsync();
            await connection.ExecuteAsync(sql);
        }

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            await _source.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context, Dictionary<string, string> form)
        {
            form["grant_type"].ShouldBe("refresh_token");
            var token = form["refresh_token"];
            _used.Add(token);
            await BeforeAnswer();
            if (token != Valid)
                await LoginServer.RefuseAsync(context, "invalid_grant");
            else if (!Rotates)
                await _server.GrantAsync(context);
            else
                await _server.GrantAsync(context, refreshToken: Valid = $"R{++_rotations}");
        }
    }
}
