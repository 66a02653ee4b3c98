using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SalesforceSync.Tests.House;

/// <summary>The scripts that judge what others wrote, judged themselves.</summary>
public sealed class ScriptTests : IDisposable
{
    private const string Newtonsoft = "/x/known.csproj : warning NU1903: Package 'Newtonsoft.Json' 12.0.1 has a known high severity vulnerability, https://example.org/GHSA-5crp-9r3c-p9vr [/x/known.csproj]";

    private readonly string _folder = Directory.CreateTempSubdirectory("sync-script-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("  Restored /x/known.csproj (in 1 sec).", "", 0, "vulnerabilities: not checked (the package source has no vulnerability data)")]
    [InlineData("/x/known.csproj : warning NU1900: Error occurred while getting package vulnerability data", "", 0, "vulnerabilities: not checked (the package source has no vulnerability data)")]
    [InlineData(Newtonsoft, "  Restored /x/SalesforceSync.csproj (in 1 sec).", 0, "vulnerabilities: none of high or critical severity is known, 0 of less")]
    [InlineData(Newtonsoft, "/x/a.csproj : warning NU1901: Package 'Polly' 8.9.1 has a known low severity vulnerability, https://example.org/y [/x/a.csproj]", 0,
        "vulnerabilities: none of high or critical severity is known, 1 of less")]
    [InlineData(Newtonsoft, "/x/a.csproj : warning NU1904: Package 'Serilog' 3.1.1 has a known critical severity vulnerability, https://example.org/x [/x/a.csproj]", 1,
        "NU1904: Package 'Serilog' 3.1.1 has a known critical severity vulnerability, https://example.org/x\nvulnerabilities: FAILED, take newer versions of these packages")]
    [InlineData(Newtonsoft, "/x/a.csproj : error NU1903: Warning As Error: Package 'Serilog' 3.1.1 has a known high severity vulnerability, https://example.org/x", 1,
        "NU1903: Warning As Error: Package 'Serilog' 3.1.1 has a known high severity vulnerability, https://example.org/x\nvulnerabilities: FAILED, take newer versions of these packages")]
    public async Task A_grave_advisory_fails_and_a_source_that_knows_of_none_is_said_to_be_no_check(string known, string ours, int code, string says) =>
        (await RunAsync("audit", await FileAsync("known", known), await FileAsync("ours", ours))).ShouldBe((code, says + "\n"));

    [Fact]
    public async Task A_secret_is_found_in_each_of_its_forms_and_not_repeated()
    {
        const string Secret = "simulated-secret";
        var bytes = Encoding.UTF8.GetBytes(Secret);
        string[] forms =
        [
            Secret, Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), string.Concat(bytes.Select(b => string.Create(CultureInfo.InvariantCulture, $"%{b:X2}"))),
            Base64($"id:{Secret}"), Base64($"c:{Secret}&more"), Base64($":{Secret}"), Base64(Secret), $"00D000000000042!{new string('a', 96)}",
        ];
        foreach (var (form, place) in forms.Select((form, place) => (form, place)))
            await FileAsync($"{place}.log", $"one line\nanother\n[SomeTests.some_test] before {form} after\n");
        var (code, said) = await RunAsync("canaries", _folder);
        code.ShouldBe(1);
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).ShouldBe(forms.Select((_, place) => $"{_folder}/{place}.log:3 [SomeTests.some_test]"));
        forms.ShouldAllBe(form => !said.Contains(form, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_there_is_no_secret_that_is_said_with_how_much_was_looked_at()
    {
        await FileAsync("a.log", "[SomeTests.some_test] signed in as simulated-client to 00D000000000042EAA, secret: ***\n");
        var (code, said) = await RunAsync("canaries", _folder);
        (code, said.StartsWith("canaries: secrets: none in 1 files", StringComparison.Ordinal)).ShouldBe((0, true), said);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<string> FileAsync(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    private static async Task<(int Code, string Said)> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "script", script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
