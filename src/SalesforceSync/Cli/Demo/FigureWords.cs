using System.Globalization;

namespace SalesforceSync.Cli.Demo;

/// <summary>Figures as people read them.</summary>
internal static class FigureWords
{
    /// <summary>Name and value, in the order in which data flow.</summary>
    public static IEnumerable<(string Name, string Value)> Rows(DemoFigures figures) =>
    [
        ("seconds", Text(figures.Elapsed.TotalSeconds, "0.0")),
        ("transactions committed in the org", Text(figures.Transactions)),
        ("events committed in the org", Text(figures.Events)),
        ("events received (stored in Postgres)", Text(figures.Received)),
        ("events applied (visible in the tables)", Text(figures.Applied)),
        ("lag p50 / p99, all", Pair(figures.Lag)),
        ("lag p50 / p99, undisturbed*", Pair(figures.Undisturbed)),
        ("worker killed and started again", Text(figures.Kills)),
        ("streams cut", Text(figures.Cuts)),
        ("torn transactions", Text(figures.Torn)),
    ];

    /// <summary>The same in one line.</summary>
    public static string Line(DemoFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"{figures.Elapsed.TotalSeconds:0} s: {figures.Transactions} transactions, {figures.Events} events committed, {figures.Received} received, {figures.Applied} applied; "
        + $"lag p50/p99 {Pair(figures.Lag)}, undisturbed* {Pair(figures.Undisturbed)}; {figures.Kills} kills, {figures.Cuts} cuts, {figures.Torn} torn");

    /// <summary>What the star means.</summary>
    public static string Star { get; } = string.Create(CultureInfo.InvariantCulture,
        $"* without what was committed from {LagLedger.Disturbing / 1000:0} s before a kill or a cut until the copy was less than {LagLedger.Disturbing / 1000:0} s behind again. "
        + $"Lag: from the org's commit until another reader of Postgres sees it.");

    public static string Pair(LagFigures lag) => lag.P50 is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Span(lag.P50)} / {Span(lag.P99)}");

    public static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Span(double? milliseconds) => milliseconds is { } value ? value < 10_000 ? Text(value, "0") + " ms" : Text(value / 1000, "0.0") + " s" : "-";
}
