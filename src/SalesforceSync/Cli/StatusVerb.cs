using System.Globalization;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Status;

namespace SalesforceSync.Cli;

/// <summary><c>status</c>: what Postgres knows of every org; no worker need be running.</summary>
internal static class StatusVerb
{
    public static async Task<int> RunAsync(string? org, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var postgres = configuration.ReadPostgres();
        if (configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        await using var source = Postgres.Open(postgres!.Value.Reveal, "salesforce-sync status");
        var document = await new StatusReader(source).ReadAsync(stop);
        if (org is not null && document.Orgs.All(o => o.Name != org))
            return await Faults.PrintAsync([Faults.UnknownOrg(org, document.Orgs.Select(o => o.Name))], surroundings.Error);
        if (org is not null)
            document = new StatusDocument([.. document.Orgs.Where(o => o.Name == org)]);
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(document, JsonSerializerOptions.Web));
        else
            await ShowAsync(surroundings, document);
        return document.Orgs.Any(o => o.NeedsAttention) ? ExitCode.Degraded : ExitCode.Done;
    }

    private static async Task ShowAsync(Surroundings surroundings, StatusDocument document)
    {
        await Screen.ShowAsync(surroundings,
            ["org", "state", "channel", "received", "applied", "lag s", "silent s", "gaps", "repairs", "quarantined", "torn", "calls"],
            [.. document.Orgs.SelectMany(org => (org.Channels is [] ? [new ChannelStatus("-", null, null, null, null)] : org.Channels).Select(channel => Row(org, channel)))]);
        if (document.Orgs.Any(o => o.Objects is not []))
            await Screen.ShowAsync(surroundings, ["org", "object", "state", "rows here", "rows there", "proven at", "swept at", "being read"],
                [.. document.Orgs.SelectMany(org => org.Objects.Select(o => Row(org, o)))]);
        if (document.Orgs.Any(o => o.KnownGaps is not []))
            await Screen.ShowAsync(surroundings, ["org", "object", "missing", "why", "since", "age", "records", "what is done", "tries", "next"],
                [.. document.Orgs.SelectMany(org => org.KnownGaps.Select(g => Row(org, g)))]);
        if (document.Orgs.Any(o => o.CallsThisMonth > 0))
            await Screen.ShowAsync(surroundings, ["org", "calls for", "this month"],
                [.. document.Orgs.SelectMany(org => org.CallsByClass.Select(c => (string[])[org.Name, c.Key, Number(c.Value)]))]);
    }

    private static string[] Row(OrgStatus org, ObjectStatus o) =>
    [
        org.Name, o.Object, o.Reason is null ? o.State : $"{o.State}: {o.Reason}", Number(o.RowsHere), Number(o.RowsThere), Moment(o.ProvenAt), Moment(o.SweptAt), o.Reading ?? "-",
    ];

    private static string[] Row(OrgStatus org, KnownGap g) =>
    [
        org.Name, g.Object ?? "all", g.What, g.Reason ?? "-", Moment(g.Since), Age(g.AgeSeconds), Number(g.Records), g.Doing, Number(g.Tries), Moment(g.NextAt),
    ];

    private static string[] Row(OrgStatus org, ChannelStatus channel) =>
    [
        org.Name, org.State, channel.Channel, channel.ReceivedReplayId ?? "-", channel.AppliedReplayId ?? "-", Seconds(channel.LagSeconds), Seconds(channel.SilentSeconds),
        Number(org.OpenGaps), Number(org.OpenRepairs), Number(org.Quarantined), Number(org.TornTransactions), Number(org.CallsThisMonth),
    ];

    private static string Seconds(double? seconds) => seconds?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(long? number) => number is { } n ? Number(n) : "-";

    private static string Moment(DateTime? at) => at?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";

    private static string Age(double? seconds) => seconds is { } s ? TimeSpan.FromSeconds(Math.Round(s)).ToString("c", CultureInfo.InvariantCulture) : "-";
}
