using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using SalesforceSync.Status;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.House;

/// <summary>What README.md and docs name is there: tests, log events, verbs, pages; and the queries they print run.</summary>
public partial class DocumentTests
{
    private static readonly (string Path, string Text)[] Documents =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md"))
            .Append(Path.Combine(Repository.Root, "SECURITY.md"))
            .Select(file => (file, File.ReadAllText(file))),
    ];

    private static readonly (MethodInfo Method, LoggerMessageAttribute Event)[] Named =
    [
        .. typeof(StatusDocument).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.IsDefined(typeof(LoggerMessageAttribute))).Select(method => (method, method.GetCustomAttribute<LoggerMessageAttribute>()!)),
    ];

    private static readonly LoggerMessageAttribute[] Events = [.. Named.Select(n => n.Event)];

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var types = typeof(DocumentTests).Assembly.GetTypes();
        bool Exists(string type, string method) =>
            types.Any(t => (type.Length == 0 || t.Name == type) && (method.Length == 0 || t.GetMethods().Any(m => m.Name == method)));
        Found(TestName()).Where(found => !Exists(found.Match.Groups["type"].Value, found.Match.Groups["method"].Value)).Select(found => found.Where).ShouldBeEmpty();
    }

    [Fact]
    public void Every_log_event_that_is_named_exists_with_its_level()
    {
        var levels = Events.ToDictionary(e => e.EventId, e => e.Level.ToString());
        Found(LogEvent()).Where(found => !levels.TryGetValue(int.Parse(found.Match.Groups["id"].Value, CultureInfo.InvariantCulture), out var level)
            || !level.StartsWith(found.Match.Groups["level"].Value, StringComparison.OrdinalIgnoreCase)).Select(found => found.Where).ShouldBeEmpty();
    }

    [Fact]
    public void Every_log_event_has_an_id_and_a_name_of_its_own()
    {
        Events.GroupBy(e => e.EventId).Where(same => same.Count() > 1).Select(same => same.Key).ShouldBeEmpty();
        Named.GroupBy(n => n.Event.EventName ?? n.Method.Name).Where(same => same.Count() > 1).Select(same => same.Key).ShouldBeEmpty();
    }

    [Fact]
    public void Every_log_event_stands_in_the_table_as_it_is_in_the_code()
    {
        var table = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "log.md")).Where(line => line.Length > 2 && char.IsAsciiDigit(line[2])).ToList();
        table.ShouldBe(Named.OrderBy(n => n.Event.EventId).Select(n => $"| {n.Event.EventId} | {n.Event.EventName ?? n.Method.Name} | {n.Event.Level} | {n.Event.Message} |"));
    }

    [Fact]
    public async Task The_readme_names_the_verbs_there_are()
    {
        using var scratch = new ScratchConfiguration();
        var help = (await CommandRun.OfAsync(scratch, "--help")).Out;
        var verbs = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]).Where(word => word.Length > 0);
        var row = Documents.Single(d => d.Path.EndsWith("README.md", StringComparison.Ordinal)).Text.Split('\n').Single(line => line.StartsWith("| verbs |", StringComparison.Ordinal));
        Code().Matches(row).Select(m => m.Groups[1].Value).Where(word => !word.StartsWith('-')).Order().ShouldBe(verbs.Order());
    }

    [Fact]
    public void Every_page_that_is_linked_exists() => Found(Link())
        .Where(found => !Path.Exists(Path.Combine(Path.GetDirectoryName(found.Path)!, found.Match.Groups[1].Value))).Select(found => found.Where).ShouldBeEmpty();

    /// <summary>Those of the copied tables are the reader's own.</summary>
    [PostgresFact]
    public async Task Every_query_runs_on_a_migrated_database()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var queries = Found(Query()).Where(found => found.Match.Value.Contains("salesforce_sync.", StringComparison.Ordinal)).ToList();
        queries.ShouldContain(found => found.Match.Value.Contains("rest_proven_at", StringComparison.Ordinal));
        foreach (var (_, _, query) in queries)
            await database.RunAsync(query.Groups[1].Value);
    }

    private static IEnumerable<(string Path, string Where, Match Match)> Found(Regex sought) =>
        Documents.SelectMany(document => sought.Matches(document.Text).Select(match => (document.Path, $"{Path.GetFileName(document.Path)}: {match.Value}", match)));

    [GeneratedRegex("`(?:(?<type>[A-Z][A-Za-z]+Tests)(?:\\.(?<method>\\w+))?|(?<method>[A-Z][a-z]*(?:_[A-Za-z0-9]+){2,}))`")]
    private static partial Regex TestName();

    [GeneratedRegex("(?<![\\d,.:/])(?<id>\\d{4,5})(?:(?: and \\d{4,5})?, (?<level>error|warning)|\\))")]
    private static partial Regex LogEvent();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("\\]\\((?!https?:)([^)#]+)[^)]*\\)")]
    private static partial Regex Link();

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Query();
}
