using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Cli.Demo;

public partial class DemoVerbTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_short_demo_kills_the_worker_passes_and_leaves_nothing_behind()
    {
        // A real org in our environment must never be reached by the demo.
        using var program = ProgramProcess.Start(new Dictionary<string, string> { ["Orgs__real__LoginUrl"] = "https://127.0.0.1:1", ["Http__Port"] = "1" }, "demo", "--records", "1000", "--seconds", "6", "--rate", "50", "--json");
        (await program.ExitAsync(Patience)).ShouldBe(0, program.Error);
        var result = JsonSerializer.Deserialize<JsonElement>(program.Out);
        result.GetProperty("ok").GetBoolean().ShouldBeTrue();
        result.GetProperty("kills").GetInt32().ShouldBeGreaterThanOrEqualTo(3);
        result.GetProperty("cuts").GetInt64().ShouldBeGreaterThan(0);
        result.GetProperty("lostReplayIds").GetInt32().ShouldBe(1);
        result.GetProperty("tornTransactions").GetInt64().ShouldBe(result.GetProperty("tornByLoss").GetInt64());
        result.GetProperty("failures").GetArrayLength().ShouldBe(0);
        result.GetProperty("workload").GetProperty("transactions").GetInt64().ShouldBeGreaterThanOrEqualTo(300);

        var events = result.GetProperty("events");
        var committed = events.GetProperty("committed").GetInt64();
        committed.ShouldBeGreaterThan(300);
        (events.GetProperty("stored").GetInt64() + events.GetProperty("forgotten").GetInt64()).ShouldBe(committed);
        var lag = result.GetProperty("lagMilliseconds").GetProperty("all");
        lag.GetProperty("events").GetInt64().ShouldBeInRange(events.GetProperty("stored").GetInt64(), committed);
        lag.GetProperty("p50").GetDouble().ShouldBeGreaterThan(0);
        lag.GetProperty("p99").GetDouble().ShouldBeInRange(lag.GetProperty("p50").GetDouble(), lag.GetProperty("max").GetDouble());

        var comparison = result.GetProperty("comparison");
        comparison.GetProperty("objects").GetInt32().ShouldBe(5);
        comparison.GetProperty("differences").GetInt64().ShouldBe(0);
        comparison.GetProperty("fields").GetInt64().ShouldBeGreaterThan(comparison.GetProperty("records").GetInt64() * 10);

        result.GetProperty("snapshots").GetProperty("existing").GetInt64().ShouldBeGreaterThanOrEqualTo(1_000);
        result.GetProperty("snapshots").GetProperty("rows").GetInt64().ShouldBeGreaterThanOrEqualTo(1_000);
        result.GetProperty("gaps").EnumerateArray().ShouldAllBe(gap => gap.GetProperty("opened").GetInt64() == gap.GetProperty("closed").GetInt64());
        result.GetProperty("repairs").EnumerateArray().ShouldAllBe(repair => repair.GetProperty("open").GetInt64() == 0);
        var calls = result.GetProperty("calls");
        calls.GetProperty("booked").GetInt64().ShouldBeInRange(calls.GetProperty("countedByOrg").GetInt64(), 1_000);
        await GoneAsync(program.Error);
    }

    [PostgresTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData("KILL", 137)]
    public Task However_the_demo_is_ended_nothing_of_it_goes_on(string signal, int code) => EndAsync(signal, code);

    [PostgresTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData("INT", 1)]
    public Task When_it_is_told_to_end_nothing_of_the_demo_goes_on(string signal, int code) => EndAsync(signal, code);

    private static async Task EndAsync(string signal, int code)
    {
        using var program = ProgramProcess.Start("demo", "--records", "100", "--seconds", "600", "--rate", "20", "--json");
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
