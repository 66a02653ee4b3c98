using System.Text.RegularExpressions;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>Long texts of many lines that change a little at a time. Both line ends occur; browsers store the longer.</summary>
internal sealed partial class Letters(SimulatedOrg org, WorkloadState state, RecordAuthor author, Random random, IReadOnlyList<string> objects)
{
    private const int MostRemembered = 200;
    private static readonly (string Object, string Field)[] Fields =
        [("Account", "Description"), ("Contact", "Description"), ("Lead", "Description"), ("Opportunity", "Description"), ("Invoice__c", "Terms__c"), ("Invoice__c", "Letter__c")];

    private readonly List<(string Object, string Field, string Id)> _known = [];

    public bool Write(TransactionDraft draft) => random.Next(4) > 0 && Edit(draft) || Begin(draft);

    private bool Begin(TransactionDraft draft)
    {
        var (name, field) = Fields[random.Next(Fields.Length)];
        if (!objects.Contains(name) || org[name].Find(field) is null || state.TakeLive(name) is not { } id) return false;
        var lines = Enumerable.Range(0, random.Next(60, 120)).Select(_ => Line());
        draft.Update(name, id, Value(field, string.Join(random.Next(2) == 0 ? "\n" : "\r\n", lines.Prepend("Dear all,").Append("Yours"))));
        if (_known.Count >= MostRemembered) _known.RemoveAt(random.Next(_known.Count));
        _known.Add((name, field, id));
        return true;
    }

    private bool Edit(TransactionDraft draft)
    {
        while (_known.Count > 0)
        {
            var at = random.Next(_known.Count);
            var (name, field, id) = _known[at];
            if (Current(id, field) is { Length: > 1100 } text)
            {
                Edit(draft, name, field, id, text);
                return true;
            }
            _known.RemoveAt(at);
        }
        return false;
    }

    private void Edit(TransactionDraft draft, string name, string field, string id, string text)
    {
        var changed = Changed(text);
        switch (random.Next(8))
        {
            case 0:
                // The difference is to a text nobody has been told of.
                draft.Unpublished().Update(name, id, Value(field, changed)).Published();
                changed = Changed(changed);
                break;
            case 1:
                draft.Update(name, [id], Value(field, changed), diffs: true);
                changed = Changed(changed);
                break;
            default:
                break;
        }
        draft.Update(name, [id], Value(field, changed), diffs: true);
    }

    private string Changed(string text)
    {
        var newline = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var lines = LineEnds().Split(text).ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            // The first and the last line stay: Salesforce would trim blank ones.
            var at = random.Next(1, lines.Count - 1);
            if (random.Next(3) > 0 || lines.Count < 50) lines[at] = Line();
            else if (random.Next(2) == 0) lines.Insert(at, Line());
            else lines.RemoveAt(at);
        }
        return string.Join(newline, lines);
    }

    private string Line() => random.Next(8) == 0 ? "" : LineEnds().Replace(author.Values.Text.Any(90), " ");

    private string? Current(string id, string field)
        => org.Read(records => records.Find(id) is { Deleted: false } record && record.Object.Find(field) is { } leaf ? record.Values[leaf] as string : null);

    private static Dictionary<string, object?> Value(string field, string text) => new() { [field] = text };

    [GeneratedRegex("\r\n|\n|\r")]
    private static partial Regex LineEnds();
}
