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

    private static Task ShowAsync(Surroundings surroundings, StatusDocument document) => Screen.ShowAsync(surroundings,
        ["org", "state", "channel", "received", "applied", "lag s", "silent s", "gaps", "repairs", "quarantined", "torn", "calls"],
        [.. document.Orgs.SelectMany(org => (org.Channels is [] ? [new ChannelStatus("-", null, null, null, null)] : org.Channels).Select(channel => Row(org, channel)))]);

    private static string[] Row(OrgStatus org, ChannelStatus channel) =>
    [
        org.Name, org.State, channel.Channel, channel.ReceivedReplayId ?? "-", channel.AppliedReplayId ?? "-", Seconds(channel.LagSeconds), Seconds(channel.SilentSeconds),
        Number(org.OpenGaps), Number(org.OpenRepairs), Number(org.Quarantined), Number(org.TornTransactions), Number(org.CallsThisMonth),
    ];

    private static string Seconds(double? seconds) => seconds?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
