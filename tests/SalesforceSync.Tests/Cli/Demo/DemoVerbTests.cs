using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Cli.Demo;

[Collection(CrashCollection.Name)]
public partial class DemoVerbTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [PostgresFact]
    public async Task A_short_demo_kills_the_worker_passes_and_leaves_nothing_behind()
    {
        // A real org in our environment must never be reached by the demo.
        using var program = ProgramProcess.Start(new Dictionary<string, string> { ["Orgs__real__LoginUrl"] = "https://127.0.0.1:1", ["Http__Port"] = "1" }, "demo", "--seconds", "6", "--rate", "100", "--json");
        (await program.ExitAsync(Patience)).ShouldBe(0, program.Error);
        var result = JsonSerializer.Deserialize<JsonElement>(program.Out);
        result.GetProperty("ok").GetBoolean().ShouldBeTrue();
        result.GetProperty("kills").GetInt32().ShouldBeGreaterThanOrEqualTo(3);
        result.GetProperty("cuts").GetInt64().ShouldBeGreaterThan(0);
        result.GetProperty("tornTransactions").GetInt64().ShouldBe(0);
        result.GetProperty("failures").GetArrayLength().ShouldBe(0);
        result.GetProperty("workload").GetProperty("transactions").GetInt64().ShouldBeInRange(600, 602);

        var events = result.GetProperty("events");
        var committed = events.GetProperty("committed").GetInt64();
        committed.ShouldBeGreaterThan(600);
        new[] { "received", "applied", "stored" }.ShouldAllBe(stage => events.GetProperty(stage).GetInt64() == committed);
        var lag = result.GetProperty("lagMilliseconds").GetProperty("all");
        lag.GetProperty("events").GetInt64().ShouldBe(committed);
        lag.GetProperty("p50").GetDouble().ShouldBeGreaterThan(0);
        lag.GetProperty("p99").GetDouble().ShouldBeInRange(lag.GetProperty("p50").GetDouble(), lag.GetProperty("max").GetDouble());

        var comparison = result.GetProperty("comparison");
        comparison.GetProperty("objects").GetInt32().ShouldBe(5);
        comparison.GetProperty("differences").GetInt64().ShouldBe(0);
        comparison.GetProperty("fields").GetInt64().ShouldBeGreaterThan(comparison.GetProperty("records").GetInt64() * 10);
        await GoneAsync(program.Error);
    }

    [PostgresTheory]
    [InlineData("INT", 1)]
    [InlineData("KILL", 137)]
    public async Task However_the_demo_is_ended_nothing_of_it_goes_on(string signal, int code)
    {
        using var program = ProgramProcess.Start("demo", "--seconds", "600", "--rate", "20", "--json");
        using var deadline = new CancellationTokenSource(Patience);
        while (!program.Error.Contains("the org is busy now"))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        Processes(program.Error).ShouldAllBe(id => Directory.Exists($"/proc/{id}"));
        program.Signal(signal);
        (await program.ExitAsync(Patience)).ShouldBe(code, program.Error);
        program.Out.ShouldBeEmpty();
        await GoneAsync(program.Error);
    }

    [Theory]
    [InlineData("--seconds 0", "--seconds: 0: give 1 to 86400")]
    [InlineData("--rate many", "--rate: many: give 1 to 10000")]
    [InlineData("--fast", "Unrecognized command or argument '--fast'.")]
    public async Task Nonsense_is_refused_with_what_to_give(string line, string fault)
    {
        using var scratch = new ScratchConfiguration();
        var run = await CommandRun.OfAsync(scratch, ["demo", .. line.Split(' ')]);
        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain(fault);
    }

    /// <summary>No process that was announced lives, and the directory is gone; a watchdog may need a moment.</summary>
    private static async Task GoneAsync(string announced)
    {
        var processes = Processes(announced);
        processes.Length.ShouldBeGreaterThanOrEqualTo(2, announced);
        var directory = DataDirectory().Match(announced).Groups[1].Value;
        directory.ShouldStartWith(Path.GetTempPath());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Directory.Exists(directory) || processes.Any(id => Directory.Exists($"/proc/{id}")))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
    }

    private static string[] Processes(string announced) => [.. ProcessId().Matches(announced).Select(match => match.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"process (\d+)")]
    private static partial Regex ProcessId();

    [GeneratedRegex(@"data in (\S+)")]
    private static partial Regex DataDirectory();
}
