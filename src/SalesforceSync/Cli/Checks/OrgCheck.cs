using SalesforceSync.Configuration;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli.Checks;

/// <summary>Whether an org can be signed in to, is the org it was, lets us subscribe, and has calls left.</summary>
/// <param name="storedOrg">The org whose rows the tables hold; null when they hold none.</param>
internal sealed class OrgCheck(OrgOptions org, string? storedOrg, TokenSource tokens, SalesforceHttp http, PubSubClient pubSub)
{
    // An org this short of calls could not even repair what it loses in a day.
    private const double FewLeft = 0.1;

    /// <summary>How many calls of the org's allowance were spent. Known after <see cref="RunAsync"/>.</summary>
    public int ApiCalls { get; private set; }

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
        findings.Add(await OfLimitsAsync(stop));
        foreach (var (name, options) in org.Objects.Named.Where(o => o.Value.Include))
            findings.Add(await OfObjectAsync(name, options, stop));
        return findings;
    }

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

    private async Task<Finding> OfLimitsAsync(CancellationToken stop)
    {
        const string Check = "api calls";
        const string Permission = "give the integration user View Setup and Configuration to see what is left";
        ApiCalls++;
        try
        {
            var limits = await Rest().LimitsAsync(stop);
            if (limits.DailyApiRequests is not { } calls)
                return Finding.Warning(org.Name, Check, "the org does not say how many are left", Permission);
            var events = limits.DailyDeliveredPlatformEvents is { } delivered ? $"; {delivered.Remaining} of {delivered.Max} delivered events" : "";
            var left = $"{calls.Remaining} of {calls.Max} left today{events}";
            return calls.Remaining >= calls.Max * FewLeft
                ? Finding.Ok(org.Name, Check, left)
                : Finding.Warning(org.Name, Check, left, "find out what uses them; the stream goes on without, repairs do not");
        }
        catch (RestException e)
        {
            return Finding.Warning(org.Name, Check, $"not readable: {(int)e.Status} ({e.Code})", Permission);
        }
        catch (BudgetSpentException e)
        {
            return Finding.Warning(org.Name, Check, e.Message, "wait, or raise Orgs:*:ApiBudget:CallsPerMonth");
        }
        catch (Exception e) when (e is SalesforceUnreachableException or SignInException)
        {
            return Finding.Failed(org.Name, Check, e.Message, "check the way to the org's instance URL");
        }
    }

    private async Task<Finding> OfObjectAsync(string name, ObjectOptions options, CancellationToken stop)
    {
        var check = $"object {name}";
        ApiCalls++;
        try
        {
            var fields = await Rest().FieldsAsync(name, stop);
            var unseen = (options.Fields ?? options.Exclude).Where(f => !fields.Contains(f) && !f.Contains('.', StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
            return unseen.Length == 0
                ? Finding.Ok(org.Name, check, $"{fields.Count} fields are visible")
                : Finding.Warning(org.Name, check, $"not visible: {string.Join(", ", unseen)}", "correct the names, or let the integration user see the fields");
        }
        catch (RestException e)
        {
            return Finding.Warning(org.Name, check, $"not readable: {(int)e.Status} ({e.Code})", "correct the name under Objects, or let the integration user see the object");
        }
        catch (BudgetSpentException e)
        {
            return Finding.Warning(org.Name, check, e.Message, "wait, or raise Orgs:*:ApiBudget:CallsPerMonth");
        }
        catch (Exception e) when (e is SalesforceUnreachableException or SignInException)
        {
            return Finding.Failed(org.Name, check, e.Message, "check the way to the org's instance URL");
        }
    }

    private RestClient Rest() => new(org, tokens, http);
}
