using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>A field whose values are compared.</summary>
/// <param name="Index">Its place in a record's values.</param>
/// <param name="Column">Where the replica keeps it.</param>
internal sealed record ComparedField(string Name, ValueKind Kind, int Index, string Column, bool HasColumn)
{
    /// <summary>
    /// Fields that the user may see and that a replica must know: those that events have told of and, where reading the org makes up for what they do not tell,
    /// those that have a value somewhere.
    /// </summary>
    public static IReadOnlyList<ComparedField> Of(
        string objectName, IReadOnlyList<TruthField> fields, IReadOnlyCollection<TruthRecord> records, IReadOnlySet<string> columns,
        IReadOnlyDictionary<(string Object, string Field), string> recorded, ComparisonRules rules)
    {
        var compared = new List<ComparedField>(fields.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            var (field, index) = (fields[i], i);
            if (!field.Visible || (field.Formula && !rules.Formulas)) continue;
            var column = recorded.GetValueOrDefault((objectName, field.Name)) ?? ReplicaComparison.Lower(field.Name);
            var known = field.Announced || (rules.Repaired && (columns.Contains(column) || records.Any(record => !record.Deleted && record.Values[index] is not null)));
            if (known) compared.Add(new ComparedField(field.Name, field.Kind, index, column, columns.Contains(column)));
        }
        return compared;
    }
}
