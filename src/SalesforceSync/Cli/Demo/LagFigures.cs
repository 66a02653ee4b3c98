namespace SalesforceSync.Cli.Demo;

/// <summary>Milliseconds from the org's commit until the applied position was seen to have passed it.</summary>
/// <param name="Events">How many events the figures are of.</param>
/// <param name="P50">Null when there are none.</param>
internal sealed record LagFigures(int Events, double? P50, double? P99, double? Max)
{
    public static LagFigures Of(List<double> lags)
    {
        if (lags.Count == 0)
            return new(0, null, null, null);
        lags.Sort();
        return new(lags.Count, Rank(lags, 0.50), Rank(lags, 0.99), Math.Round(lags[^1], 1));
    }

    // Nearest rank: a figure that was measured, not one between two.
    private static double Rank(List<double> sorted, double share) => Math.Round(sorted[(int)Math.Ceiling(share * sorted.Count) - 1], 1);
}
