using System.Globalization;
using System.Text.Json;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>One object against its table: give it every row, then <see cref="End"/>.</summary>
internal sealed class TableComparison(
    string name, IReadOnlyList<ComparedField> fields, Dictionary<string, TruthRecord> expected, ComparisonRules rules, ComparisonTally tally)
{
    private const string WholeRow = "(row)";

    public string Name => name;

    public void Row(string json)
    {
        using var document = JsonDocument.Parse(json);
        var row = document.RootElement;
        var id = row.GetProperty("id").GetString() ?? "(null)";
        if (!expected.Remove(id, out var record)) tally.Differs(name, id, WholeRow, null, "an extra row");
        else if (LeftOut(record)) tally.Dirty++;
        else if (record.Purged) Purged(record, row);
        else if (record.Deleted && rules.Deleted == DeletedRows.Hard) tally.Differs(name, id, WholeRow, "no row", "a row of a deleted record");
        else Compare(record, row);
    }

    /// <summary>What is left has no row.</summary>
    public void End()
    {
        tally.Objects++;
        foreach (var record in expected.Values)
        {
            if (LeftOut(record))
            {
                tally.Dirty++;
                continue;
            }
            tally.Records++;
            if (!record.Deleted) tally.Differs(name, record.Id, WholeRow, "a row", "no row");
            else if (rules.Deleted == DeletedRows.Hard || record.Purged) continue;
            else if (rules.Repaired) tally.MissingTombstones++;
            else tally.Differs(name, record.Id, WholeRow, "a deleted row", "no row");
        }
    }

    private bool LeftOut(TruthRecord record) => record.Dirty && !rules.IncludeDirty && !rules.Repaired;

    // The org itself no longer knows what it was: a tombstone is as right as no row.
    private void Purged(TruthRecord record, JsonElement row)
    {
        tally.Records++;
        if (rules.Deleted == DeletedRows.Hard) tally.Differs(name, record.Id, WholeRow, "no row", "a row of a purged record");
        else Check(record, "_sync_deleted", "true", RowText.Of(row, "_sync_deleted"));
    }

    private void Compare(TruthRecord record, JsonElement row)
    {
        tally.Records++;
        Check(record, "_sync_deleted", record.Deleted ? "true" : "false", RowText.Of(row, "_sync_deleted"));
        LastEvent(record, row);
        // What a tombstone holds is what was known when the record went.
        if (rules.Repaired && record.Deleted) return;
        if (RowText.Of(row, "_sync_incomplete") == "true") Incomplete(record);
        foreach (var field in fields)
        {
            if (!field.HasColumn)
            {
                Check(record, field.Name, "a column", "no column");
                continue;
            }
            var wanted = record.Values[field.Index];
            var found = RowText.Of(row, field.Column);
            tally.Fields++;
            if (!RowText.Same(field.Kind, wanted, found)) tally.Differs(name, record.Id, field.Name, TruthJson.Show(wanted), found);
        }
    }

    private void LastEvent(TruthRecord record, JsonElement row)
    {
        var (key, sequence) = (RowText.Of(row, "_sync_transaction_key"), RowText.Of(row, "_sync_sequence"));
        if (RowText.Of(row, "_sync_source") != "cdc")
        {
            Check(record, "_sync_transaction_key", null, key);
        }
        else if (!IsEarlierDelete(record, key, sequence))
        {
            Check(record, "_sync_transaction_key", record.TransactionKey, key);
            Check(record, "_sync_sequence", record.Sequence.ToString(CultureInfo.InvariantCulture), sequence);
        }
    }

    // A record that came back and went again, of which no event told: the delete before made this very tombstone.
    private bool IsEarlierDelete(TruthRecord record, string? key, string? sequence)
        => rules.Repaired && record is { Deleted: true, Dirty: true }
            && record.Deletes.Any(at => at.TransactionKey == key && at.Sequence.ToString(CultureInfo.InvariantCulture) == sequence);

    private void Incomplete(TruthRecord record)
    {
        tally.Incomplete++;
        if (rules.Repaired) tally.Differs(name, record.Id, "_sync_incomplete", "false", "true");
    }

    private void Check(TruthRecord record, string field, string? wanted, string? found)
    {
        tally.Fields++;
        if (!string.Equals(wanted, found, StringComparison.Ordinal)) tally.Differs(name, record.Id, field, wanted, found);
    }
}
