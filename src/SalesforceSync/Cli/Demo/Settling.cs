using System.Text.Json;
using Npgsql;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Cli.Demo;

/// <summary>
/// The org is at rest, and the worker, by itself, brings to an end what it knows to be missing; then it is asked for the comparison that finds what
/// Salesforce never told, as its schedule does every night, and repairs what that finds.
/// </summary>
internal sealed class Settling(DemoStage stage, NpgsqlDataSource source, IDemoScreen screen, TimeProvider time)
{
    /// <summary>How long nothing may change before the demo gives up on it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>And however much it changes, an end has to come.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(150);

    /// <summary>Of those that lay in the recycle bin no more than that is gone; about half were not deleted before.</summary>
    private const int DeletedUnheard = 12;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    private const string Open = """
        select string_agg(line, '; ') from (
            select format('%s of %s (%s) is %s%s', kind, object, reason, state, ': ' || message) as line
            from salesforce_sync.read where org = $1 and state in ('waiting', 'reading', 'merging')
            union all
            select format('%s of %s (%s): %s', what, object, reason, doing) from salesforce_sync.known_gaps where org = $1
            limit 12) open
        """;

    private readonly long _began = time.GetTimestamp();

    /// <returns>Why it did not come to its end; null when nothing is known to be missing any more.</returns>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        var state = await CopyState.ReadAsync(source, DemoStage.OrgName, stop);
        screen.Announce($"repairing: the org is at rest; {state.Remaining}");
        if (await SettledAsync(stop) is { } unsettled)
            return unsettled;
        await stage.Org.CommitAsync(HardKind.HardDelete, DeletedUnheard, stop);
        screen.Announce($"nothing is known to be missing any more; {DeletedUnheard} records more are hard deleted without a word, and `salesforce-sync verify --all` looks for what Salesforce never told");
        if (await VerifyAsync(stop) is { } unequal)
            return unequal;
        return await SettledAsync(stop);
    }

    private async Task<string?> SettledAsync(CancellationToken stop)
    {
        var moved = time.GetTimestamp();
        for (var before = CopyState.None; ;)
        {
            var state = await CopyState.ReadAsync(source, DemoStage.OrgName, stop);
            if (state.IsSettled)
                return null;
            if (state != before)
                (before, moved) = (state, time.GetTimestamp());
            if (time.GetElapsedTime(moved) > Patience || time.GetElapsedTime(_began) > Most)
                return $"after {time.GetElapsedTime(_began).TotalSeconds:0} s of repairing {state.Remaining}: {await OpenAsync(stop)}";
            await Task.Delay(Glance, time, stop);
        }
    }

    private async Task<string?> OpenAsync(CancellationToken stop)
    {
        await using var open = source.CreateCommand(Open);
        open.Parameters.Add(new() { Value = DemoStage.OrgName });
        return await open.ExecuteScalarAsync(stop) as string;
    }

    private async Task<string?> VerifyAsync(CancellationToken stop)
    {
        await using var verify = await stage.StartVerbAsync(["verify", "--all", "--json"], stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Most);
        try
        {
            var said = await verify.ReadLineAsync(limit.Token);
            var code = await verify.Exited.WaitAsync(limit.Token);
            if (said is not null)
                Show(JsonSerializer.Deserialize<JsonElement>(said));
            return code == ExitCode.Done ? null : $"`salesforce-sync verify --all` ended with exit code {code}";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"`salesforce-sync verify --all` did not end within {Most.TotalSeconds:0} s";
        }
    }

    private void Show(JsonElement document)
    {
        static string Figure(JsonElement of, string name) =>
            of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? FigureWords.Text(value.GetInt64()) : "-";
        foreach (var one in document.GetProperty("objects").EnumerateArray())
        {
            screen.Announce($"  {one.GetProperty("object").GetString()}: {Figure(one, "rowsHere")} rows here, {Figure(one, "rowsThere")} there; "
                + $"{Figure(one, "differing")} differed, {Figure(one, "repaired")} repaired; {Figure(one, "calls")} calls");
        }
    }
}
