using Microsoft.Extensions.Logging;

namespace SalesforceSync.Salesforce;

/// <summary>A call the budget did not let leave.</summary>
/// <param name="Until">When there is room again, by our clock.</param>
/// <param name="OrgIsOut">The org's own allowance, not our budget.</param>
internal sealed record RefusedCall(string Org, CallClass CallClass, DateTimeOffset Until, string Reason, bool OrgIsOut);

/// <summary>Says of refused calls when they begin, when their reason changes and when they end; in between it counts. Safe for many threads.</summary>
internal sealed class RefusedCalls(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Org, CallClass CallClass), (bool OrgIsOut, long Count)> _refusing = [];

    public BudgetSpentException Refused(RefusedCall refusal)
    {
        bool isNew;
        lock (_gate)
        {
            var key = (refusal.Org, refusal.CallClass);
            isNew = !_refusing.TryGetValue(key, out var known) || known.OrgIsOut != refusal.OrgIsOut;
            _refusing[key] = (refusal.OrgIsOut, known.Count + 1);
        }
        // Even the reserve is gone, and the copy cannot be put right before the month ends: a person decides whether it may cost more.
        if (isNew && !refusal.OrgIsOut && refusal.CallClass.MayUseReserve())
            logger.ReserveSpent(refusal.Org, refusal.CallClass.Name(), refusal.Until, refusal.Reason);
        else if (isNew)
            logger.CallsRefused(refusal.Org, refusal.CallClass.Name(), refusal.Until, refusal.Reason);
        return new BudgetSpentException(refusal.Org, refusal.CallClass, refusal.Until, refusal.Reason);
    }

    public void Allowed(string org, CallClass callClass)
    {
        (bool OrgIsOut, long Count) was;
        lock (_gate)
        {
            if (!_refusing.Remove((org, callClass), out was))
                return;
        }
        logger.CallsAllowed(org, callClass.Name(), was.Count);
    }
}
