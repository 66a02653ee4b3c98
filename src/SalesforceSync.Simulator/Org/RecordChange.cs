using System.Globalization;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>Writes values into records the way the org does: checked, with the fields only the org writes.</summary>
internal static class RecordChange
{
    /// <summary>What a new record has before its author's values: checkboxes are never empty, and there is an owner.</summary>
    public static void Start(SimulatedRecord record, CommitUnderWay commit)
    {
        foreach (var leaf in record.Object.Leaves)
        {
            if (leaf.Kind == ValueKind.Boolean) record.Values.Set(leaf.Index, false);
        }
        record.Values.Set(record.Object["OwnerId"].Index, commit.User);
        record.Values.Set(record.Object["CreatedDate"].Index, commit.At);
        record.Values.Set(record.Object["CreatedById"].Index, commit.User);
        Stamp(record, commit);
    }

    /// <summary>Writes the same values into all records.</summary>
    /// <param name="stamp">Whose time and user to note; null for a background change that leaves no trace of itself.</param>
    /// <returns>The leaves that changed.</returns>
    public static HashSet<int> Apply(
        SimulatedObject target, IReadOnlyList<SimulatedRecord> records, IReadOnlyDictionary<string, object?> values, CommitUnderWay? stamp)
    {
        var changed = new HashSet<int>(values.Count + 2);
        foreach (var (name, value) in values)
        {
            var leaf = target[name];
            Check(target, leaf, value);
            foreach (var record in records)
            {
                record.Values.Set(leaf.Index, value);
                // The stream carries doubles; only reading the org tells the rest of the digits.
                record.Dirty |= value is decimal exact && exact != DoubleOf(exact);
            }
            changed.Add(leaf.Index);
        }
        if (stamp is null) return changed;
        var modifiedBy = target["LastModifiedById"];
        if (records.Any(record => !Equals(record.Values[modifiedBy], stamp.User))) changed.Add(modifiedBy.Index);
        changed.Add(target["LastModifiedDate"].Index);
        foreach (var record in records) Stamp(record, stamp);
        return changed;
    }

    public static void Stamp(SimulatedRecord record, CommitUnderWay commit)
    {
        record.Values.Set(record.Object["LastModifiedDate"].Index, commit.At);
        record.Values.Set(record.Object["LastModifiedById"].Index, commit.User);
    }

    private static decimal? DoubleOf(decimal exact)
        => decimal.TryParse(((double)exact).ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var carried) ? carried : null;

    private static void Check(SimulatedObject target, Leaf leaf, object? value)
    {
        var fits = (leaf.Kind, value) switch
        {
            (ValueKind.Boolean, null) => false,
            (_, null) => true,
            (ValueKind.Text, string text) => text.Length > 0,
            (ValueKind.Boolean, bool) or (ValueKind.WholeNumber, int) or (ValueKind.Date, DateOnly) => true,
            (ValueKind.Number, double number) => double.IsFinite(number),
            (ValueKind.Number, decimal) => true,
            (ValueKind.DateTime, DateTimeOffset moment) => moment.Ticks % TimeSpan.TicksPerMillisecond == 0 && moment.Offset == TimeSpan.Zero,
            (ValueKind.Time, TimeOnly time) => time.Ticks % TimeSpan.TicksPerMillisecond == 0,
            _ => false
        };
        // Salesforce has no empty text: it stores none.
        if (!fits) throw new ArgumentException($"{target.Name}.{leaf.RestName}: no {leaf.Kind} fits {value?.GetType().Name ?? "null"}", nameof(value));
    }
}
