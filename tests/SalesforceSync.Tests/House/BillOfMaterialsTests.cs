using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.House;

/// <summary><c>script/sbom</c> says what is published, and nothing else; CycloneDX' own schema finds no fault in how.</summary>
public sealed class BillOfMaterialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sync-sbom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [StrangerFact("python")]
    public async Task The_same_lock_files_give_the_same_bytes_and_every_package_of_them_is_there_with_its_hash()
    {
        var (first, second) = (await WriteAsync(), await WriteAsync());
        (await File.ReadAllBytesAsync(second)).ShouldBe(await File.ReadAllBytesAsync(first));
        var listed = Packages(first).ToDictionary(p => p.Purl, p => p.Hash);
        var locked = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "packages.lock.json", SearchOption.AllDirectories)
            .SelectMany(file => Read(file).GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()).Where(entry => entry.Value.GetProperty("type").GetString() != "Project")
            .Select(entry => (Purl: Purl(entry.Name, entry.Value.GetProperty("resolved").GetString()!), Hash: entry.Value.GetProperty("contentHash").GetString()!)).Distinct().ToList();
        locked.Count.ShouldBeGreaterThan(15);
        foreach (var (purl, hash) in locked)
            listed[purl].ShouldBe(Convert.ToHexStringLower(Convert.FromBase64String(hash)), purl);
        // The compiler of what is published stands in no lock file.
        listed.Keys.Except(locked.Select(l => l.Purl)).ShouldHaveSingleItem().ShouldStartWith("pkg:nuget/microsoft.netcore.app.crossgen2");
    }

    [PublishedFact]
    public async Task What_is_published_is_in_it_and_no_other()
    {
        var document = await WriteAsync();
        var published = Read(Path.Combine(Repository.Published, "salesforce-sync.deps.json")).GetProperty("libraries").EnumerateObject().ToList();
        Packages(document).Where(p => p.Scope == "required").Select(p => p.Purl).Order(StringComparer.Ordinal)
            .ShouldBe(published.Where(l => l.Value.GetProperty("type").GetString() == "package").Select(l => $"pkg:nuget/{l.Name.Replace('/', '@')}").Order(StringComparer.Ordinal));
        var own = published.Where(l => l.Value.GetProperty("type").GetString() == "project").Select(l => l.Name.Split('/')[0]).Order(StringComparer.Ordinal);
        Components(document).Where(c => !c.TryGetProperty("purl", out _)).Select(c => c.GetProperty("name").GetString()!).Append("salesforce-sync").Order(StringComparer.Ordinal).ShouldBe(own);
    }

    [StrangerFact("python")]
    public async Task What_a_package_needs_is_said_as_the_lock_file_says_it()
    {
        var document = await WriteAsync();
        var graph = Read(document).GetProperty("dependencies").EnumerateArray().ToDictionary(
            d => d.GetProperty("ref").GetString()!, d => d.GetProperty("dependsOn").EnumerateArray().Select(on => on.GetString()!).ToArray());
        graph.Keys.Single(k => k.StartsWith("pkg:nuget/Polly@", StringComparison.Ordinal)).ShouldSatisfyAllConditions(
            polly => graph[polly].ShouldHaveSingleItem().ShouldStartWith("pkg:nuget/Polly.Core@"),
            polly => graph.Single(d => d.Key.StartsWith("salesforce-sync@", StringComparison.Ordinal)).Value.ShouldContain(polly));
        Reference(document, "Polly").ShouldBe("direct");
        Reference(document, "Polly.Core").ShouldBe("transitive");
        Components(document).Single(c => c.GetProperty("name").GetString() == "Grpc.Tools").GetProperty("scope").GetString().ShouldBe("excluded");
    }

    [StrangerFact("python", "node")]
    public async Task The_schema_of_CycloneDX_finds_no_fault_in_it_and_would_find_one()
    {
        var good = await WriteAsync();
        (await Stranger.AskAsync("sbom.mjs", good)).GetProperty("faults").GetArrayLength().ShouldBe(0);
        var bad = JsonNode.Parse(await File.ReadAllTextAsync(good))!;
        bad["components"]![0]!["type"] = "something";
        var broken = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(broken, bad.ToJsonString());
        (await Stranger.AskAsync("sbom.mjs", broken)).GetProperty("faults").GetArrayLength().ShouldBeGreaterThan(0);
    }

    private async Task<string> WriteAsync()
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "script", "sbom"), [file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync();
        script.ExitCode.ShouldBe(0, said);
        return file;
    }

    private static JsonElement Read(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file));

    private static JsonElement.ArrayEnumerator Components(string document) => Read(document).GetProperty("components").EnumerateArray();

    private static IEnumerable<(string Purl, string? Hash, string? Scope)> Packages(string document) =>
        from component in Components(document)
        where component.TryGetProperty("purl", out _)
        let hash = component.TryGetProperty("hashes", out var hashes) ? hashes[0].GetProperty("content").GetString() : null
        select (component.GetProperty("purl").GetString()!, hash, component.GetProperty("scope").GetString());

    private static string? Reference(string document, string name) =>
        Components(document).Single(c => c.GetProperty("name").GetString() == name).GetProperty("properties")[0].GetProperty("value").GetString();

    private static string Purl(string name, string version) => $"pkg:nuget/{name}@{version}";
}
