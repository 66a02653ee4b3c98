using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>The long texts of a record as they were, to tell what a change makes of them.</summary>
internal sealed class LongTexts
{
    private static readonly Dictionary<int, string> NoDifferences = [];
    private readonly SimulatedRecord? _record;
    private readonly Dictionary<int, string> _texts = [];

    private LongTexts(SimulatedRecord? record)
    {
        _record = record;
        if (record is null) return;
        foreach (var leaf in record.Object.Leaves)
        {
            if (leaf.Field.Kind is FieldKind.StringPlusClob or FieldKind.HtmlStringPlusClob && record.Values[leaf] is string text) _texts.Add(leaf.Index, text);
        }
    }

    public static LongTexts None { get; } = new(null);

    /// <summary>Of one record: a merged event has no single text before.</summary>
    public static LongTexts Of(IReadOnlyList<SimulatedRecord> records) => records.Count == 1 ? new LongTexts(records[0]) : None;

    /// <summary>The differences Salesforce would send, by leaf.</summary>
    public IReadOnlyDictionary<int, string> DifferencesTo(IReadOnlySet<int> changed)
    {
        if (_record is null) return NoDifferences;
        var differences = new Dictionary<int, string>();
        foreach (var (index, before) in _texts)
        {
            if (changed.Contains(index) && _record.Values[index] is string after && TextDifference.Between(before, after) is { } difference) differences.Add(index, difference);
        }
        return differences;
    }
}
