using System.Globalization;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Cli.Demo;

/// <summary>A result as people read it: what was done, what became of it, and the verdict last.</summary>
internal static class DemoReport
{
    public static IEnumerable<string> Lines(DemoResult result)
    {
        yield return "";
        foreach (var (name, text) in Rows(result))
            yield return $"  {name,-17} {text}";
        foreach (var difference in result.Differences)
            yield return $"    {difference.ObjectName} {difference.Id} {difference.Field}: the org has {difference.Expected ?? "null"}, the copy has {difference.Found ?? "null"}";
        yield return "";
        yield return $"  {FigureWords.Star}";
        yield return "";
        var seconds = result.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        if (result.Ok)
        {
            yield return $"PASSED after {seconds} s: the copy is the org. 0 differences, 0 repairs open, 0 coverage gaps open, {Count(result.Calls.Booked)} calls spent.";
            yield break;
        }
        yield return $"FAILED after {seconds} s:";
        foreach (var failure in result.Failures)
            yield return $"  - {failure}";
    }

    private static IEnumerable<(string Name, string Text)> Rows(DemoResult result)
    {
        var (events, compared, calls) = (result.Events, result.Comparison, result.Calls);
        yield return ("the org", $"{Count(result.Snapshots.Existing)} records were there; then {Count(result.Workload.Transactions)} transactions, {Count(events.Committed)} events");
        yield return ("it did", List(result.Hardships.Where(act => act.Key != OrgAct.Prefilled).Select(act => (Words(act.Key), act.Value))));
        yield return ("the worker", $"killed {Times(result.Kills)}, its stream cut {Times(result.Cuts)}, its replay id lost {Times(result.LostReplayIds)}");
        yield return ("events", $"{Count(events.Stored)} stored; {Count(events.Forgotten)} forgotten by the org before the worker was back");
        yield return ("snapshots", $"{Count(result.Snapshots.Done)} of whole objects: {Count(result.Snapshots.Rows)} rows merged under the running stream");
        yield return ("coverage gaps", $"{Count(result.Gaps.Sum(gap => gap.Opened))} opened, {Count(result.Gaps.Sum(gap => gap.Closed))} closed ({List(result.Gaps.Select(gap => (gap.Reason, gap.Opened)))})");
        yield return ("repairs", $"{Count(result.Repairs.Sum(repair => repair.Done))} done, {Count(result.Repairs.Sum(repair => repair.Open))} open ({List(result.Repairs.Select(repair => (repair.Reason, repair.Done)))})");
        yield return ("torn transactions", $"{Count(result.TornByLoss)} by the lost replay id, {Count(result.TornTransactions - result.TornByLoss)} without a cause");
        yield return ("API calls", $"{Count(calls.Booked)} booked, {Count(calls.CountedByOrg)} counted by the org ({List(calls.ByClass.Select(spent => (spent.Key, spent.Value)))})");
        yield return ("lag p50 / p99", $"{FigureWords.Pair(result.LagMilliseconds.All)}; undisturbed* {FigureWords.Pair(result.LagMilliseconds.Undisturbed)}");
        yield return ("compared", $"{Count(compared.Objects)} objects, {Count(compared.Records)} records ({Count(compared.Tombstones)} deleted), {Count(compared.Fields)} fields: {Count(compared.Differences)} differences");
        if (compared.MissingTombstones > 0)
            yield return ("", $"{Count(compared.MissingTombstones)} deleted records came and went without the copy ever having been told, and have no row");
        if (calls.Booked > calls.CountedByOrg)
            yield return ("", $"{Count(calls.Booked - calls.CountedByOrg)} calls were booked by a worker that was killed before it sent them");
    }

    private static string Count(long number) => FigureWords.Text(number);

    private static string Times(long number) => number switch { 1 => "once", 2 => "twice", _ => $"{Count(number)} times" };

    private static string List(IEnumerable<(string Name, long Count)> counted) => string.Join(", ", counted.Select(one => $"{one.Name} {Count(one.Count)}").DefaultIfEmpty("none"));

    private static string Words(OrgAct act) =>
        string.Concat(act.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
