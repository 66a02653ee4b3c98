using System.Globalization;
using System.Text;

namespace SalesforceSync.Tests.Proof;

/// <summary>docs/proof.md, made of the records of one commit. The last section is written by hand and kept.</summary>
internal static class ProofReport
{
    private const string ByHand = "## Found and mended";
    private const int MostShown = 200;

    /// <param name="before">The document as it was, for its last section.</param>
    public static string Of(string commit, IReadOnlyList<PartRecord> records, string? before)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Proof

            Written by `script/proof` from what it counted (`docs/proof/*.json`), all parts at commit `{commit}`; only the last section is written by hand.
            `script/proof --minutes 600` goes on where these figures stop. The bound is what no violation in n trials says of the rate of violations, with 95 %
            confidence: 3/n.

            {Circumstances(records)}

            | part | what is run | trials | violations | bound |
            |---|---|---|---|---|

            """);
        foreach (var part in ProofParts.All)
            text.Append(Row(part, records.FirstOrDefault(record => record.Part == part)));
        foreach (var record in records)
            text.Append(Section(record));
        return text.Append('\n').Append(KeptOf(before)).ToString();
    }

    private static string Circumstances(IReadOnlyList<PartRecord> records) => records.Count == 0 ? "Nothing has run yet." : Text(
        $"""
        {records.Max(record => record.Ended):yyyy-MM-dd}, {string.Join("; ", records.SelectMany(record => record.Machines).Distinct())}, {records.Sum(record => record.Seconds) / 60:0} minutes in all.
        """);

    private static string Row(string part, PartRecord? record)
    {
        var what = ProofParts.WhatIsRun(part);
        if (record is null) return $"| {part} | {what} | not run | | |\n";
        var n = record.Counts.GetValueOrDefault(record.Trial);
        var trials = record.OutOf is { } most ? Text($"{n:N0} of {most:N0} {record.Trial}") : Text($"{n:N0} {record.Trial}");
        var bound = n < 3 || record.OutOf is not null || record.Violations.Count > 0 ? "" : Text($"{3.0 / n:0.####%}");
        return Text($"| {part} | {what} | {trials} | {record.Violations.Count} | {bound} |\n");
    }

    private static string Section(PartRecord record)
    {
        var text = new StringBuilder(Text($"\n## {record.Part}\n\n{record.Rounds:N0} rounds in {record.Seconds:N0} s, seeds {record.FirstSeed} to {Math.Max(record.FirstSeed, record.NextSeed - 1)}.\n"));
        Paragraph(text, "Counted", record.Counts.Select(count => Text($"{count.Key} {count.Value:N0}")));
        Paragraph(text, "Windows and faults", record.Windows.Select(window => Text($"{window.Key} {window.Value:N0}")));
        Paragraph(text, "Took", record.Durations.Select(took => Text($"{took.Key}: {took.Value.Count:N0} times, half of them within {Median(took.Value):0.0} s, the longest {took.Value.Max():0.0} s")));
        Paragraph(text, "Measured", record.Measured);
        Paragraph(text, "Never happened, so that nothing is proven", record.NeverHappened);
        Paragraph(text, "Violations", record.Violations.Select(violation => Text($"seed {violation.Seed}: {Shown(violation.Message)}")));
        return text.ToString();
    }

    private static void Paragraph(StringBuilder text, string title, IEnumerable<string> items)
    {
        if (string.Join("; ", items) is { Length: > 0 } line) text.Append(CultureInfo.InvariantCulture, $"\n{title}: {line}.\n");
    }

    /// <summary>The record has all of it.</summary>
    private static string Shown(string message) => message.Split('\n')[0] is { Length: > MostShown } line ? line[..MostShown] + "…" : message.Split('\n')[0];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string KeptOf(string? before) =>
        before?.IndexOf(ByHand, StringComparison.Ordinal) is >= 0 and var at ? before[at..] : $"{ByHand}\n\nNothing yet.\n";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
