using System.Reflection;
using System.Text.RegularExpressions;

namespace SalesforceSync.Tests.House;

/// <summary>Dependencies between the folders of the product point one way; the sources are read, so that a fully qualified name counts too.</summary>
public partial class FolderDependencyTests
{
    private static readonly string[] Folders = [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src/SalesforceSync")).Select(d => Path.GetFileName(d)!)];

    private static readonly string[] DatabaseClockAndHttp =
    [
        "Npgsql", "Dapper", "SalesforceSync.Database", "TimeProvider", "Stopwatch", "PeriodicTimer", "System.Net", "HttpClient", "Microsoft.AspNetCore",
        "SalesforceSync.Salesforce", "SalesforceSync.Protocol", "Eventbus.V1",
    ];

    [Theory]
    [InlineData("Subscribe")]
    [InlineData("Store")]
    public void Receiving_knows_no_decoding(string folder) => Offences(folder, ["SalesforceSync.Decode", "SalesforceSync.Assemble", "SalesforceSync.Apply"]).ShouldBeEmpty();

    [Fact]
    public void The_loop_that_receives_knows_no_applying() => Offences("Receive", ["SalesforceSync.Apply"]).ShouldBeEmpty();

    [Theory]
    [InlineData("Decode")]
    [InlineData("Assemble")]
    public void Decoding_and_assembling_know_no_database_no_clock_and_no_http(string folder) => Offences(folder, DatabaseClockAndHttp).ShouldBeEmpty();

    [Fact]
    public void Applying_knows_no_salesforce_client() =>
        Offences("Apply", ["SalesforceSync.Salesforce", "SalesforceSync.Protocol", "Eventbus.V1", "System.Net", "HttpClient"]).ShouldBeEmpty();

    [Theory]
    [InlineData("Cli")]
    [InlineData("Status")]
    public void Nobody_but_the_front_end_knows_the_front_end(string folder)
    {
        // The verbs may show what the status page shows; a stage may know neither.
        var others = Folders.Where(other => other != folder && (other, folder) is not ("Cli", "Status"));
        others.SelectMany(other => Offences(other, [$"SalesforceSync.{folder}"])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Salesforce")]
    [InlineData("Database")]
    [InlineData("Diagnostics")]
    [InlineData("Configuration")]
    public void The_ground_floor_knows_no_stage(string folder) =>
        Offences(folder, ["SalesforceSync.Decode", "SalesforceSync.Assemble", "SalesforceSync.Apply", "SalesforceSync.Store"]).ShouldBeEmpty();

    [Fact]
    public void The_simulator_cannot_use_the_product()
    {
        Assembly.Load("SalesforceSync.Simulator").GetReferencedAssemblies().Select(a => a.Name).ShouldNotContain("salesforce-sync");
        // The compiler drops references that are not used yet: the project file has to be clean as well.
        File.ReadAllText(Path.Combine(Repository.Root, "src/SalesforceSync.Simulator/SalesforceSync.Simulator.csproj")).ShouldNotContain("SalesforceSync/SalesforceSync.csproj");
    }

    [Fact]
    public void The_product_knows_the_simulator_in_demo_and_simulate_only()
    {
        var sources = Repository.Sources("src/SalesforceSync").Where(source => !Path.GetFileName(source.Path).StartsWith("Demo", StringComparison.Ordinal)
            && !Path.GetFileName(source.Path).StartsWith("Simulate", StringComparison.Ordinal) && !source.Path.Contains("/Cli/Demo/", StringComparison.Ordinal));
        sources.SelectMany(source => Offences(source, ["SalesforceSync.Simulator"])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("using SalesforceSync.Decode;", "SalesforceSync.Decode", true)]
    [InlineData("var plan = new Decode.EventPlan();", "SalesforceSync.Decode", true)]
    [InlineData("var plan = SalesforceSync.Decode.EventPlan.Of(json);", "SalesforceSync.Decode", true)]
    [InlineData("var x = reader.Decode.First();", "SalesforceSync.Decode", false)]
    [InlineData("// see SalesforceSync.Decode", "SalesforceSync.Decode", false)]
    [InlineData("/// <see cref=\"Decode.EventPlan\"/>", "SalesforceSync.Decode", false)]
    [InlineData("Decoded decoded", "SalesforceSync.Decode", false)]
    [InlineData("using Npgsql;", "Npgsql", true)]
    [InlineData("private readonly TimeProvider _time;", "TimeProvider", true)]
    public void A_use_is_seen_however_it_is_written(string line, string name, bool seen) => Offences(("F.cs", line), [name]).Any().ShouldBe(seen);

    private static IEnumerable<string> Offences(string folder, string[] forbidden) =>
        Directory.Exists(Path.Combine(Repository.Root, "src/SalesforceSync", folder))
            ? Repository.Sources($"src/SalesforceSync/{folder}").SelectMany(source => Offences(source, forbidden))
            : [];

    private static IEnumerable<string> Offences((string Path, string Text) source, string[] forbidden)
    {
        var lines = source.Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var code = Comment().Replace(lines[i], "");
            foreach (var name in forbidden)
            {
                if (Uses(code, name)) yield return $"{source.Path}:{i + 1}: {name}: {lines[i].Trim()}";
            }
        }
    }

    private static bool Uses(string code, string name)
    {
        if (Regex.IsMatch(code, $@"(?<![\w.]){Regex.Escape(name)}\b")) return true;
        // Inside namespace SalesforceSync the folder alone names the namespace.
        return name.StartsWith("SalesforceSync.", StringComparison.Ordinal)
            && Regex.IsMatch(code, $@"(?<![\w.""]){Regex.Escape(name["SalesforceSync.".Length..])}\.[A-Z]");
    }

    [GeneratedRegex("//.*$")]
    private static partial Regex Comment();
}
