using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.House;

/// <summary>Alerts, dashboard and documents speak of the same things: of metrics that exist, of alerts that have a page, of pages that have an alert.</summary>
public partial class AlarmTests
{
    private static readonly string Alerts = Read("deploy", "prometheus", "alerts.yml");

    private static readonly string Dashboard = Read("deploy", "grafana", "salesforce-sync.json");

    [Fact]
    public void Every_metric_they_ask_for_is_documented()
    {
        var documented = Documented().Matches(Read("docs", "metrics.md")).Select(m => m.Groups[1].Value).ToHashSet();
        var asked = Asked().Matches(Alerts + Dashboard).Select(m => Plain(m.Value)).ToHashSet();
        asked.Count.ShouldBeGreaterThan(20);
        asked.Except(documented).ShouldBeEmpty();
    }

    [Fact]
    public void Every_alert_has_its_page_and_every_page_its_alert()
    {
        var alerts = Alert().Matches(Alerts).Select(m => m.Groups[1].Value).ToList();
        var pages = Heading().Matches(Read("docs", "alarms.md")).Select(m => m.Groups[1].Value).ToList();
        alerts.ShouldBeUnique();
        pages.ShouldBe(alerts);
        Runbook().Matches(Alerts).Select(m => m.Groups[1].Value).ShouldBe(alerts.Select(a => a.ToLowerInvariant()));
        alerts.Count.ShouldBe(Regex.Count(Alerts, "severity: (page|ticket)\\}"));
    }

    [StrangerFact("promtool")]
    public async Task Prometheus_takes_the_rules_and_each_fires_when_it_should_and_not_before()
    {
        var folder = Path.Combine(Repository.Root, "deploy", "prometheus");
        var (code, said) = await PromtoolAsync("check", "rules", Path.Combine(folder, "alerts.yml"));
        code.ShouldBe(0, said);
        said.ShouldContain($"{Alert().Count(Alerts)} rules found");
        (code, said) = await PromtoolAsync("test", "rules", Path.Combine(folder, "tests", "alerts.yml"));
        code.ShouldBe(0, said);
    }

    [StrangerFact("promtool")]
    public async Task A_rule_that_fires_at_another_time_is_found()
    {
        (string Rule, string Other, string Alert)[] changes =
        [
            ("> 600", "> 6000", "SalesforceSyncSilent"), ("salesforce_sync_gaps_open) > 0\n        for: 15m", "salesforce_sync_gaps_open) > 0", "SalesforceSyncGapOpen"),
            ("(salesforce_sync_api_forecast) > max", "(salesforce_sync_api_forecast) < max", "SalesforceSyncCallsRunOut"), ("[30m]) > 3", "[30m]) > 0", "SalesforceSyncRestartLoop"),
        ];
        changes.ShouldAllBe(change => Alerts.Contains(change.Rule, StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("sync-alerts-").FullName;
        try
        {
            var tests = Directory.CreateDirectory(Path.Combine(folder, "tests")).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "alerts.yml"), changes.Aggregate(Alerts, (text, change) => text.Replace(change.Rule, change.Other, StringComparison.Ordinal)));
            File.Copy(Path.Combine(Repository.Root, "deploy", "prometheus", "tests", "alerts.yml"), Path.Combine(tests, "alerts.yml"));
            var (code, said) = await PromtoolAsync("test", "rules", Path.Combine(tests, "alerts.yml"));
            code.ShouldBe(1);
            changes.ShouldAllBe(change => said.Contains($"alertname: {change.Alert},", StringComparison.Ordinal), said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Dashboard_is_one_that_can_be_imported()
    {
        using var dashboard = JsonDocument.Parse(Dashboard);
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        panels.Select(p => p.GetProperty("id").GetInt32()).ShouldBeUnique();
        foreach (var panel in panels.Where(p => p.GetProperty("type").GetString() != "row"))
            panel.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("expr").GetString()!).ShouldAllBe(e => e.Contains("salesforce_sync_", StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Said)> PromtoolAsync(params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo(Stranger.PromtoolPath.Value!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = promtool.StandardError.ReadToEndAsync();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await error;
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, said);
    }

    private static string Plain(string name) => name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length] : name;

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Repository.Root, .. path]));

    [GeneratedRegex("salesforce_sync_[a-z_]+")]
    private static partial Regex Asked();

    [GeneratedRegex("^\\| `(salesforce_sync_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex Documented();

    [GeneratedRegex("- alert: (\\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex("^## (\\w+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("runbook: docs/alarms\\.md#(\\w+)")]
    private static partial Regex Runbook();
}
