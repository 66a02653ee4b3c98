using System.Text.Json;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.EndToEnd;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Sweep;

/// <summary>A copied org whose stream speaks often, and the command <c>verify</c> beside its worker.</summary>
internal sealed class SweptOrg : IAsyncDisposable
{
    private readonly ScratchConfiguration _scratch;

    private SweptOrg(CopiedOrg copied)
    {
        Copied = copied;
        _scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", copied.Database);
    }

    public CopiedOrg Copied { get; }

    public SimulatedOrg Org => Copied.Simulated.Org;

    public static async Task<SweptOrg> StartAsync(SimulatorSettings? settings = null, Func<OrgOptions, OrgOptions>? change = null)
    {
        var copied = await CopiedOrg.CreateAsync((settings ?? new()) with { Keepalive = TimeSpan.FromMilliseconds(200) }, change);
        copied.Start();
        return new(copied);
    }

    /// <summary>Accounts with names, applied, and old enough to be missed.</summary>
    public async Task<IReadOnlyList<string>> AccountsAsync(int count)
    {
        var ids = new List<string>();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
        {
            Org.Commit(draft =>
            {
                draft.BegunEarlier(TimeSpan.FromMinutes(1));
                foreach (var i in chunk)
                    ids.Add(draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Account {i}", ["Phone"] = "1" }));
            });
        }
        await Copied.CaughtUpAsync();
        await Copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where org = 'acme' and object = 'Account'");
        return ids;
    }

    public async Task<(int ExitCode, JsonElement Object, string Error)> VerifyAsync(params string[] more)
    {
        var running = CommandRun.OfAsync(_scratch, ["verify", "--object", "Account", "--json", .. more]);
        if (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(40), TimeProvider.System, CancellationToken.None)) != running)
            throw new TimeoutException($"verify does not end:\n{Copied.Log}");
        var run = await running;
        run.Out.ShouldNotBeEmpty($"{run.Error}\n{Copied.Log}");
        return (run.ExitCode, run.Json.GetProperty("objects").EnumerateArray().Single(), run.Error);
    }

    public ValueTask DisposeAsync()
    {
        _scratch.Dispose();
        return Copied.DisposeAsync();
    }
}
