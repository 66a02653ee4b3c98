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
        ("existing records read by snapshots", Snapshot(figures.Copy)),
        ("repairs open / readings open / coverage gaps open", $"{Text(figures.Copy.Repairs)} / {Text(figures.Copy.Readings)} / {Text(figures.Copy.Gaps)}"),
        ("API calls spent", Text(figures.Copy.Calls)),
        ("lag p50 / p99, all", Pair(figures.Lag)),
        ("lag p50 / p99, undisturbed*", Pair(figures.Undisturbed)),
        ("worker killed and started again", Text(figures.Kills)),
        ("streams cut / replay ids lost", $"{Text(figures.Cuts)} / {Text(figures.Losses)}"),
        ("torn transactions", Text(figures.Copy.Torn)),
    ];

    /// <summary>The same in one line.</summary>
    public static string Line(DemoFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"committed {Text(figures.Events)} | stored {Text(figures.Received)} | applied {Text(figures.Applied)} | snapshots {Snapshot(figures.Copy)} "
        + $"| open: {Text(figures.Copy.Repairs)} repairs, {figures.Copy.Readings} readings, {figures.Copy.Gaps} gaps | {figures.Copy.Calls} calls | lag p50 {Span(figures.Lag.P50)}");

    /// <summary>What the star means.</summary>
    public static string Star { get; } = string.Create(CultureInfo.InvariantCulture,
        $"* without what was committed from {LagLedger.Disturbing / 1000:0} s before a kill or a cut until the copy was less than {LagLedger.Disturbing / 1000:0} s behind again. "
        + $"Lag: from the org's commit until another reader of Postgres sees it.");

    public static string Pair(LagFigures lag) => lag.P50 is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Span(lag.P50)} / {Span(lag.P99)}");

    private static string Snapshot(CopyState copy) => copy switch
    {
        { SnapshotsOpen: 0, SnapshotsDone: 0 } => "-",
        { SnapshotsOpen: 0 } => $"{Text(copy.SnapshotRows)}, done",
        { SnapshotExpected: { } expected } => $"{Text(copy.SnapshotRows)} of {Text(expected)}",
        _ => Text(copy.SnapshotRows),
    };

    public static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Span(double? milliseconds) => milliseconds is { } value ? value < 10_000 ? Text(value, "0") + " ms" : Text(value / 1000, "0.0") + " s" : "-";
}
