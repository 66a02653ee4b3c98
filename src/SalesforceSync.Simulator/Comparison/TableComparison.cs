using System.Globalization;
using System.Text.Json;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>One object against its table: give it every row, then <see cref="End"/>.</summary>
internal sealed class TableComparison(
    string name, IReadOnlyList<TruthField> fields, Dictionary<string, TruthRecord> expected, HashSet<string> columns, ComparisonRules rules, ComparisonTally tally)
{
    private const string WholeRow = "(row)";
    private readonly string[] _columns = [.. fields.Select(field => ReplicaComparison.Lower(field.Name))];

    public string Name => name;

    public void Row(string json)
    {
        using var document = JsonDocument.Parse(json);
        var row = document.RootElement;
        var id = row.GetProperty("id").GetString() ?? "(null)";
        if (!expected.Remove(id, out var record))
        {
            tally.Differs(name, id, WholeRow, null, "an extra row");
        }
        else if (record.Dirty && !rules.IncludeDirty)
        {
            tally.Dirty++;
        }
        else if (record.Deleted && rules.Deleted == DeletedRows.Hard)
        {
            tally.Differs(name, id, WholeRow, "no row", "a row of a deleted record");
        }
        else
        {
            Compare(record, row);
        }
    }

    /// <summary>What is left has no row.</summary>
    public void End()
    {
        tally.Objects++;
        foreach (var record in expected.Values)
        {
            if (record.Dirty && !rules.IncludeDirty)
            {
                tally.Dirty++;
                continue;
            }
            tally.Records++;
            if (!record.Deleted || rules.Deleted == DeletedRows.Soft) tally.Differs(name, record.Id, WholeRow, record.Deleted ? "a deleted row" : "a row", "no row");
        }
    }

    private void Compare(TruthRecord record, JsonElement row)
    {
        tally.Records++;
        Check(record, "_sync_deleted", record.Deleted ? "true" : "false", Text(row, "_sync_deleted"));
        if (rules.CompareOrigin)
        {
            Check(record, "_sync_transaction_key", record.TransactionKey, Text(row, "_sync_transaction_key"));
            Check(record, "_sync_sequence", record.Sequence.ToString(CultureInfo.InvariantCulture), Text(row, "_sync_sequence"));
        }
        if (Text(row, "_sync_incomplete") == "true") tally.Incomplete++;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!columns.Contains(_columns[i]))
            {
                Check(record, fields[i].Name, "a column", "no column");
                continue;
            }
            var found = Text(row, _columns[i]);
            tally.Fields++;
            if (!Same(fields[i].Kind, record.Values[i], found)) tally.Differs(name, record.Id, fields[i].Name, TruthJson.Show(record.Values[i]), found);
        }
    }

    private void Check(TruthRecord record, string field, string? wanted, string? found)
    {
        tally.Fields++;
        if (!string.Equals(wanted, found, StringComparison.Ordinal)) tally.Differs(name, record.Id, field, wanted, found);
    }

    private static bool Same(ValueKind kind, object? wanted, string? found)
    {
        if (wanted is null || found is null) return wanted is null && found is null;
        try
        {
            return kind switch
            {
                ValueKind.Number => DecimalText.Canonical((double)wanted) == DecimalText.Canonical(found),
                ValueKind.WholeNumber => DecimalText.Canonical(TruthJson.Show(wanted)!) == DecimalText.Canonical(found),
                ValueKind.DateTime => (DateTimeOffset)wanted == DateTimeOffset.Parse(found, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                ValueKind.Date => (DateOnly)wanted == DateOnly.Parse(found, CultureInfo.InvariantCulture),
                ValueKind.Time => (TimeOnly)wanted == TimeOnly.Parse(found, CultureInfo.InvariantCulture),
                _ => string.Equals(TruthJson.Show(wanted), found, StringComparison.Ordinal)
            };
        }
        catch (FormatException)
        {
            // What does not even read as its kind is different.
            return false;
        }
    }

    private static string? Text(JsonElement row, string column)
    {
        if (!row.TryGetProperty(column, out var value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText()
        };
    }
}
