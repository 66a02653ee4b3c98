using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Cli.Checks;

/// <summary>
/// Which objects are on the configured channels, and what is kept from us there: a filter drops changes without a word (rule B7). One call, a second where
/// the org's version knows no filters, one more for enrichment.
/// </summary>
internal sealed class MemberCheck(OrgOptions org, RestClient rest)
{
    private const string Check = "channel members";
    private const string WithFilter = "SELECT Id, SelectedEntity, EventChannel, FilterExpression FROM PlatformEventChannelMember";
    private const string WithoutFilter = "SELECT Id, SelectedEntity, EventChannel FROM PlatformEventChannelMember";
    private const string Enriched = "SELECT ChannelMemberId, Field FROM EnrichedField";

    /// <summary>Calls spent.</summary>
    public int Calls { get; private set; }

    /// <summary>Objects on our channels; empty where the org does not tell.</summary>
    public IReadOnlyList<string> Objects { get; private set; } = [];

    public async Task<List<Finding>> RunAsync(CancellationToken stop)
    {
        if (!org.Channels.Any(channel => ChangeTopic.ObjectOfChannel(channel) is null))
            return [];
        try
        {
            var members = await MembersAsync(stop);
            if (members.Count == 0)
                return [Finding.Warning(org.Name, Check, "the org names none", "select objects for Change Data Capture in Setup; check --write-metadata writes what to deploy")];
            Objects = [.. members.Select(m => m.Object).Distinct(StringComparer.OrdinalIgnoreCase)];
            return [Finding.Ok(org.Name, Check, string.Join(", ", Objects.Order(StringComparer.Ordinal))), .. Missing(), .. Filtered(members), .. await EnrichedAsync(members, stop)];
        }
        catch (RestException e)
        {
            return [Finding.Warning(org.Name, Check, $"not readable: {(int)e.Status} ({e.Code})", "give the integration user View Setup and Configuration, or name the objects under Objects")];
        }
        catch (BudgetSpentException e)
        {
            return [Finding.Warning(org.Name, Check, e.Message, $"raise Orgs:{org.Name}:ApiBudget:CallsPerMonth or wait")];
        }
        catch (Exception e) when (e is SalesforceUnreachableException or SignInException)
        {
            return [Finding.Failed(org.Name, Check, e.Message, "check the way to the org's instance URL")];
        }
    }

    private IEnumerable<Finding> Missing() => org.Objects.Named
        .Where(o => o.Value.Include && !Objects.Contains(o.Key, StringComparer.OrdinalIgnoreCase)
            && !org.Channels.Any(channel => o.Key.Equals(ChangeTopic.ObjectOfChannel(channel), StringComparison.OrdinalIgnoreCase)))
        .Select(o => Finding.Failed(org.Name, $"member {o.Key}", "is on none of the channels: its changes never come",
            "select it for Change Data Capture in Setup, or add it to the channel; check --write-metadata writes what to deploy"));

    private IEnumerable<Finding> Filtered(IReadOnlyList<Member> members) => members
        .Where(m => m.Filter is not null && org.Objects.For(m.Object).Include)
        .Select(m => Finding.Warning(org.Name, $"member {m.Object}", "has a filter: changes that do not match it never come", "take the filter off the channel member, or accept that sweeps find the rest"));

    private async Task<List<Finding>> EnrichedAsync(IReadOnlyList<Member> members, CancellationToken stop)
    {
        var enriched = new List<string?>();
        try
        {
            await foreach (var record in RecordsAsync(Enriched, stop))
                enriched.Add(members.FirstOrDefault(m => m.Id is not null && m.Id == Text(record, "ChannelMemberId"))?.Object);
        }
        catch (RestException)
        {
            // Older versions do not tell; enrichment harms nobody.
            return [];
        }
        var known = enriched.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return known.Length == 0
            ? []
            : [Finding.Ok(org.Name, "enriched fields", $"of {string.Join(", ", known)}: they are not copied from enrichment, whose values are those of the delivery")];
    }

    private async Task<List<Member>> MembersAsync(CancellationToken stop)
    {
        try
        {
            return await MembersAsync(WithFilter, stop);
        }
        catch (RestException e) when (e.IsOfFields)
        {
            return await MembersAsync(WithoutFilter, stop);
        }
    }

    private async Task<List<Member>> MembersAsync(string soql, CancellationToken stop)
    {
        var members = new List<Member>();
        await foreach (var record in RecordsAsync(soql, stop))
        {
            if (Text(record, "SelectedEntity") is { } entity && ChangeTopic.ObjectOf(entity) is { } name && Text(record, "EventChannel") is { } of
                && org.Channels.Any(channel => ChangeTopic.IsNamed(channel, of)))
                members.Add(new(Text(record, "Id"), name, Text(record, "FilterExpression")));
        }
        return members;
    }

    private async IAsyncEnumerable<JsonElement> RecordsAsync(string soql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        Calls++;
        await foreach (var page in rest.ToolingQueryAsync(soql, CallClass.Describe, stop))
        {
            foreach (var record in page)
                yield return record;
        }
    }

    private static string? Text(JsonElement record, string name) =>
        AnswerText.Of(record, name) is { Length: > 0 } text ? text : null;

    private sealed record Member(string? Id, string Object, string? Filter);
}
