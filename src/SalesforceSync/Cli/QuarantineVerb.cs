using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Assemble;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Explain;
using SalesforceSync.Masks;
using SalesforceSync.Parked;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>quarantine</c>: the events that could not be decoded or written. <c>list</c> and <c>show</c> tell of them, <c>retry</c> and <c>drop</c> close them. 3 when
/// something that was to be retried stayed open.
/// </summary>
internal static class QuarantineVerb
{
    private static readonly Option<long[]> Id = new("--id") { Description = "id of an event as list shows it, more than once for several", HelpName = "id" };

    private static readonly Option<string[]> Object = new("--object") { Description = "the events of this object, more than once for several", HelpName = "name" };

    private static readonly Option<bool> All = new("--all") { Description = "every event that is open" };

    private static readonly Option<bool> AndClosed = new("--all") { Description = "those that are closed too" };

    private static readonly Option<bool> Values = new("--values") { Description = "values too, or the bytes in hex where they cannot be decoded" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "do it: what is dropped is not retried any more" };

    /// <summary>Its parts, each with what it takes.</summary>
    public static IReadOnlyList<(string Name, string Description, Option[] Options, Func<string?, bool, ParseResult, Surroundings, CancellationToken, Task<int>> Run)> Parts { get; } =
    [
        ("list", "shows the events that are open: why, since when, and whether their records were fetched", [Id, Object, AndClosed], ListAsync),
        ("show", "shows what can be made of events: change, records, names of fields", [Id, Object, AndClosed, Values], ShowAsync),
        ("retry", "decodes events again and has the records of those that can be read fetched; 3 when some stayed open", [Id, Object, All], RetryAsync),
        ("drop", "closes events for good; their records have been fetched, or are", [Id, Object, All, Yes], DropAsync),
    ];

    private static async Task<int> ListAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        await using var opened = await OpenAsync(orgName, surroundings);
        if (opened.Events is not { } events)
            return ExitCode.Usage;
        var found = await events.FindAsync(Choice(parsed), parsed.GetValue(AndClosed), stop);
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = opened.Org, events = found }, JsonSerializerOptions.Web));
        else
            await Screen.ShowAsync(surroundings, ["id", "channel", "event", "object", "state", "fetch", "at", "closed", "why"],
                [.. found.Select(e => (string[])[Number(e.Id), e.Channel, Number(e.Event), e.Object ?? "-", e.State, e.Fetch, Moment(e.At), Moment(e.ClosedAt), e.Reason])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        await using var opened = await OpenAsync(orgName, surroundings);
        if (opened.Events is not { } events)
            return ExitCode.Usage;
        var choice = Choice(parsed);
        var found = await events.FindAsync(choice, parsed.GetValue(AndClosed) || choice.Ids.Count > 0, stop);
        if (Unknown(choice, found) is { } fault)
            return await Faults.PrintAsync([fault], surroundings.Error);
        var shown = new List<Dictionary<string, object?>>();
        foreach (var parked in found)
            shown.Add(Shown(parked, await events.UnderstandAsync(parked, stop), parsed.GetValue(Values), opened.IsMasked));
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = opened.Org, events = shown }, JsonSerializerOptions.Web));
        else
            foreach (var one in shown)
                await Screen.ShowAsync(surroundings, ["what", "of it"], [.. one.Where(p => p.Value is not null).Select(p => (string[])[p.Key, Line(p.Value!)])]);
        return ExitCode.Done;
    }

    private static async Task<int> RetryAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        await using var opened = await OpenAsync(orgName, surroundings);
        if (opened.Events is not { } events)
            return ExitCode.Usage;
        var (chosen, fault) = await ChosenAsync(events, parsed, stop);
        if (fault is not null)
            return await Faults.PrintAsync([fault], surroundings.Error);
        return await EndAsync(surroundings, json, opened.Org, await events.RetryAsync(chosen, stop));
    }

    private static async Task<int> DropAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        await using var opened = await OpenAsync(orgName, surroundings);
        if (opened.Events is not { } events)
            return ExitCode.Usage;
        var (chosen, fault) = await ChosenAsync(events, parsed, stop);
        if (fault is null && chosen.Count > 0 && !parsed.GetValue(Yes))
            fault = new("--yes", $"{chosen.Count} events", "what is dropped is not retried any more: add --yes to do it");
        if (fault is not null)
            return await Faults.PrintAsync([fault], surroundings.Error);
        return await EndAsync(surroundings, json, opened.Org, await events.DropAsync(chosen, stop));
    }

    private static async Task<Opened> OpenAsync(string? orgName, Surroundings surroundings)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var (options, org, faults) = ChosenOrg.Of(configuration, orgName);
        if (org is null)
        {
            await Faults.PrintAsync(faults, surroundings.Error);
            return new("", null, null, false);
        }
        var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync quarantine");
        return new(org.Name, source, new ParkedEvents(source, org.Name, masks: OrgMasks.Of(org)), OrgMasks.Of(org).Any);
    }

    private static ParkedChoice Choice(ParseResult parsed) => new(parsed.GetValue(Id) ?? [], parsed.GetValue(Object) ?? []);

    /// <summary>The open ones a change is asked for; somebody has to say which.</summary>
    private static async Task<(IReadOnlyList<ParkedEvent> Chosen, ConfigurationFault? Fault)> ChosenAsync(ParkedEvents events, ParseResult parsed, CancellationToken stop)
    {
        var choice = Choice(parsed);
        var isNarrow = choice.Ids.Count + choice.Objects.Count > 0;
        if (isNarrow == parsed.GetValue(All))
            return ([], isNarrow ? new("--all", "", "name events or objects, or give --all, not both") : new("--id", ConfigurationFault.Missing, "name events or objects, or give --all"));
        var found = await events.FindAsync(choice, closed: choice.Ids.Count > 0, stop);
        if (found.FirstOrDefault(e => e.State != "open") is { } closed)
            return ([], new("--id", Number(closed.Id), $"is {closed.State} already, since {Moment(closed.ClosedAt)}"));
        return (found, Unknown(choice, found));
    }

    private static ConfigurationFault? Unknown(ParkedChoice choice, IReadOnlyList<ParkedEvent> found) =>
        choice.Ids.Except(found.Select(e => e.Id)).Select(id => (long?)id).FirstOrDefault() is { } missing
            ? new("--id", Number(missing), "there is no such event in quarantine; quarantine list --all shows those there are")
            : null;

    private static Dictionary<string, object?> Shown(ParkedEvent parked, TransactionEvent understood, bool values, bool isMasked)
    {
        var header = understood.Header;
        var shown = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = parked.Id,
            ["channel"] = parked.Channel,
            ["event"] = parked.Event,
            ["replayId"] = parked.ReplayId,
            ["schemaId"] = parked.SchemaId,
            ["object"] = parked.Object ?? header?.EntityName,
            ["reason"] = parked.Reason,
            ["state"] = parked.State,
            ["at"] = parked.At,
            ["closedAt"] = parked.ClosedAt,
            ["bytes"] = parked.Bytes,
            ["sha256"] = parked.Sha256,
            ["fetch"] = parked.Fetch,
            ["decodes"] = understood.Change is not null,
            ["fault"] = understood.Fault,
            ["change"] = header?.ChangeType,
            ["transaction"] = header?.TransactionKey,
            ["sequence"] = header?.SequenceNumber,
            ["committedAt"] = header is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(header.CommitTimestamp).UtcDateTime,
            ["records"] = header?.RecordIds,
            ["fields"] = understood.Change?.Writes.Select(w => w.Field.ApiName!).ToList(),
        };
        if (!values)
            return shown;
        if (understood.Change is { } change)
            shown["values"] = change.Writes.ToDictionary(w => w.Field.ApiName!, ShownValue.Of);
        else if (!isMasked && parked.Payload is { } payload)
            shown["payload"] = Convert.ToHexStringLower(payload);
        return shown;
    }

    private static async Task<int> EndAsync(Surroundings surroundings, bool json, string org, IReadOnlyList<ParkedOutcome> outcomes)
    {
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org, events = outcomes }, JsonSerializerOptions.Web));
        else if (outcomes.Count == 0)
            await surroundings.Out.WriteLineAsync("nothing is open");
        else
            await Screen.ShowAsync(surroundings, ["id", "object", "state", "fetched", "why"],
                [.. outcomes.Select(o => (string[])[Number(o.Id), o.Object ?? "-", o.State, o.Records is [] ? "-" : string.Join(", ", o.Records), o.Fault ?? "-"])]);
        return outcomes.Any(o => o.State == "open") ? ExitCode.Degraded : ExitCode.Done;
    }

    private static string Line(object value) => value switch
    {
        IEnumerable<string> many => string.Join(", ", many),
        IReadOnlyDictionary<string, string?> named => string.Join("; ", named.Select(n => $"{n.Key}: {n.Value ?? "null"}")),
        DateTime at => Moment(at),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTime? at) => at?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>The org's events and the database they are in; no events where the configuration was refused.</summary>
    /// <param name="IsMasked">What cannot be decoded may hold what is to be masked.</param>
    private sealed record Opened(string Org, IAsyncDisposable? Source, ParkedEvents? Events, bool IsMasked) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Source?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
