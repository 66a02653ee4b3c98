using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli.Checks;

/// <summary>What is left of the org's two allowances: API calls and delivered events. One call.</summary>
internal sealed class AllowanceCheck(OrgOptions org, RestClient rest)
{
    // An org this short of calls could not even repair what it loses in a day.
    private const double FewLeft = 0.1;
    private const string Permission = "give the integration user View Setup and Configuration to see what is left";

    /// <summary>Calls spent.</summary>
    public int Calls { get; private set; }

    public async Task<List<Finding>> RunAsync(CancellationToken stop)
    {
        const string Check = "api calls";
        Calls++;
        try
        {
            var limits = await rest.LimitsAsync(stop);
            return
            [
                Of(Check, limits.DailyApiRequests, "find out what uses them; the stream goes on without, repairs do not"),
                Of("delivered events", limits.DailyDeliveredPlatformEvents,
                    "find out who else subscribes (every subscriber counts), or buy more; when none is left the stream waits, and after three days loses events"),
            ];
        }
        catch (RestException e)
        {
            return [Finding.Warning(org.Name, Check, $"not readable: {(int)e.Status} ({e.Code})", Permission)];
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

    private Finding Of(string check, Allowance? allowance, string remedy)
    {
        if (allowance is not { } known)
            return Finding.Warning(org.Name, check, "the org does not say how many are left", Permission);
        var left = $"{known.Remaining} of {known.Max} left today";
        return known.Remaining >= known.Max * FewLeft ? Finding.Ok(org.Name, check, left) : Finding.Warning(org.Name, check, left, remedy);
    }
}
