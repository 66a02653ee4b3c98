using SalesforceSync.Configuration;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Cli.Checks;

/// <summary>Everything an org can be asked before it is copied: sign-in, identity, channels and who is on them, objects and their fields, allowances, clocks.</summary>
/// <param name="storedOrg">The org whose rows the tables hold; null when they hold none.</param>
/// <param name="known">Objects the tables hold already.</param>
internal sealed class OrgCheck(OrgOptions org, string? storedOrg, IReadOnlyList<string> known, TokenSource tokens, SalesforceHttp http, PubSubClient pubSub)
{
    private readonly RestClient _rest = new(org, tokens, http);

    /// <summary>How many calls of the org's allowance were spent. Known after <see cref="RunAsync"/>.</summary>
    public int ApiCalls { get; private set; }

    /// <summary>What was found of each object. Known after <see cref="RunAsync"/>.</summary>
    public IReadOnlyList<CheckedObject> Objects { get; private set; } = [];

    /// <summary>Calls it will cost at least: allowances, members of the channels, and one for each object that is known before asking.</summary>
    public static int Price(OrgOptions org, IReadOnlyList<string> known) => 2 + Chosen(org, known).Count;

    public async Task<List<Finding>> RunAsync(CancellationToken stop)
    {
        AccessGrant grant;
        try
        {
            grant = await tokens.GetAsync(stop);
        }
        catch (SignInRefusedException e)
        {
            return [Finding.Failed(org.Name, "sign-in", $"refused ({e.Code})", e.Remedy)];
        }
        catch (SignInUnavailableException e)
        {
            return [Finding.Failed(org.Name, "sign-in", e.Reason, "check Orgs:" + org.Name + ":LoginUrl and the way there, or try again later")];
        }
        List<Finding> findings = [Finding.Ok(org.Name, "sign-in", $"to {grant.InstanceText}")];
        var found = grant.Org;
        foreach (var channel in org.Channels)
            findings.Add(await OfChannelAsync(channel, id => found ??= id, stop));
        findings.Insert(1, Identity(found));
        var allowances = new AllowanceCheck(org, _rest);
        findings.AddRange(await allowances.RunAsync(stop));
        var members = new MemberCheck(org, _rest);
        findings.AddRange(await members.RunAsync(stop));
        var objects = new ObjectCheck(org, _rest, pubSub);
        foreach (var name in Chosen(org, known.Concat(members.Objects)))
            findings.AddRange(await objects.RunAsync(name, stop));
        findings.Add(ClockCheck.OfSalesforce(org.Name, http.Clock.Offset));
        (ApiCalls, Objects) = (allowances.Calls + members.Calls + objects.Calls, objects.Checked);
        return findings;
    }

    private static List<string> Chosen(OrgOptions org, IEnumerable<string> found) =>
    [
        .. org.Objects.Named.Select(o => o.Key).Concat(org.Channels.Select(ChangeTopic.ObjectOfChannel).OfType<string>()).Concat(found)
            .Distinct(StringComparer.OrdinalIgnoreCase).Where(name => org.Objects.For(name).Include).Order(StringComparer.Ordinal),
    ];

    private Finding Identity(OrgId? found)
    {
        if (found is not { } id)
            return Finding.Failed(org.Name, "identity", "neither the sign-in nor the channel names the org", "check that LoginUrl is Salesforce's");
        return storedOrg is null || storedOrg == id.ToString()
            ? Finding.Ok(org.Name, "identity", $"org {id}")
            : Finding.Failed(org.Name, "identity", $"this is org {id}, but the tables hold org {storedOrg}", "point the configuration back, or give this org a name and a schema of its own");
    }

    private async Task<Finding> OfChannelAsync(string channel, Action<OrgId?> identified, CancellationToken stop)
    {
        try
        {
            var topic = await pubSub.GetTopicAsync(channel, stop);
            identified(OrgId.FromTenant(topic.TenantGuid));
            return topic.CanSubscribe
                ? Finding.Ok(org.Name, $"channel {channel}", "may be subscribed to")
                : Finding.Failed(org.Name, $"channel {channel}", "may not be subscribed to", "give the integration user View All on the objects of the channel");
        }
        catch (GrpcException e)
        {
            return Finding.Failed(org.Name, $"channel {channel}", $"{e.Status}{Code(e)}", Remedy(e));
        }
        catch (SignInException e)
        {
            return Finding.Failed(org.Name, $"channel {channel}", "the token is refused", e.Message);
        }
    }

    private static string Code(GrpcException e) => e.Trailers.Get("error-code") is { } code ? $" ({code})" : "";

    private static string Remedy(GrpcException e) => e.Status switch
    {
        _ when !e.FromServer => "check Orgs:*:PubSubEndpoint and the way there (HTTP/2 over port 7443 or 443)",
        GrpcStatusCode.NotFound => "select objects for Change Data Capture in Setup, or correct Channels (case counts)",
        GrpcStatusCode.PermissionDenied => "give the integration user View All on the objects of the channel",
        GrpcStatusCode.Unauthenticated => "check that the connected app has the scope api and that sessions are not locked to an IP address",
        _ => "try again later; if it stays, give Salesforce support the rpc-id of the worker's log",
    };
}
