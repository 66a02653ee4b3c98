namespace SalesforceSync.Configuration;

/// <summary>How many API calls of an org the program may spend.</summary>
/// <param name="CallsPerMonth">In a calendar month, UTC.</param>
/// <param name="ReservePercent">Of them, kept for what the copy cannot be right without.</param>
internal sealed record ApiBudget(int CallsPerMonth = 10_000, int ReservePercent = 20)
{
    /// <summary>What snapshots, sweeps and the like may spend together with everything else.</summary>
    public int WithoutReserve => (int)((long)CallsPerMonth * (100 - ReservePercent) / 100);

    /// <summary>Reads <c>Orgs:*:ApiBudget</c>.</summary>
    public static ApiBudget Read(SectionReader section)
    {
        var usual = new ApiBudget();
        var budget = new ApiBudget(
            section.Number("CallsPerMonth", 1, 1_000_000_000) ?? usual.CallsPerMonth, section.Number("ReservePercent", 0, 90) ?? usual.ReservePercent);
        section.RefuseUnknown();
        return budget;
    }
}
