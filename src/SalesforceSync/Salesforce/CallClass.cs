namespace SalesforceSync.Salesforce;

/// <summary>What an HTTP call is for; the ledger books under it, and what is left of the budget goes to the more urgent first.</summary>
internal enum CallClass
{
    SignIn,
    Describe,
    Repair,
    WriteBack,
    Snapshot,
    Sweep,
    Limits,
}

internal static class CallClasses
{
    /// <summary>The word in <c>salesforce_sync.api_call</c>.</summary>
    public static string Name(this CallClass callClass) => callClass switch
    {
        CallClass.SignIn => "sign-in",
        CallClass.Describe => "describe",
        CallClass.Repair => "repair",
        CallClass.WriteBack => "write-back",
        CallClass.Snapshot => "snapshot",
        CallClass.Sweep => "sweep",
        CallClass.Limits => "limits",
        _ => throw new ArgumentOutOfRangeException(nameof(callClass)),
    };

    /// <summary>What the copy cannot be right without may spend the reserve. Describe is needed by every repair after a schema change.</summary>
    public static bool MayUseReserve(this CallClass callClass) =>
        callClass is CallClass.SignIn or CallClass.Describe or CallClass.Repair or CallClass.WriteBack;

    /// <summary>What may call while the org's own allowance is nearly used up, by whomever.</summary>
    public static bool MayUseTheLast(this CallClass callClass) => callClass is CallClass.SignIn or CallClass.Repair or CallClass.Describe;
}

/// <summary>The budget has no call left for this class; nothing was sent.</summary>
/// <param name="until">When there is room again.</param>
internal sealed class BudgetSpentException(string org, CallClass callClass, DateTimeOffset until, string reason)
    : Exception($"{org}: no {callClass.Name()} call is left until {until:u}: {reason}")
{
    public DateTimeOffset Until { get; } = until;
}
