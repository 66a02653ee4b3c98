using System.Globalization;
using SalesforceSync.Apply;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Apply;

/// <summary>
/// The rows of one object after changes applied one by one, written down as plainly as the contract says it: what folding and statements are compared with.
/// </summary>
internal sealed class RowModel(bool hardDeletes)
{
    private static readonly string[] Parts = ["firstname", "middlename", "lastname", "suffix"];

    public SortedDictionary<string, Dictionary<string, string?>> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>Repairs still needed after a call: what a later full record of the same call made complete, or a hard delete removed, is not asked for.</summary>
    public HashSet<RepairRequest> Repairs { get; } = [];

    public void Apply(NumberedChange change)
    {
        foreach (var id in change.Event.Header.RecordIds)
            Apply(id, change);
    }

    private void Apply(string id, NumberedChange change)
    {
        var (header, entity) = (change.Event.Header, change.Event.Header.EntityName);
        var row = Rows.GetValueOrDefault(id);
        switch (header.Kind)
        {
            case ChangeKind.Create or ChangeKind.Undelete:
                row ??= [];
                foreach (var leaf in change.Event.Schema.Leaves)
                    row[leaf.ApiName!.ToLowerInvariant()] = null;
                Write(row, change.Event);
                (row["_sync_deleted"], row["_sync_incomplete"]) = ("false", "false");
                Answered(entity, id);
                break;
            case ChangeKind.Update:
                if (row is null)
                {
                    Answered(entity, id);
                    Repairs.Add(new(entity, id, RepairReason.Unseen));
                }
                else if (row["_sync_deleted"] == "true")
                {
                    Answered(entity, id);
                    Repairs.Add(new(entity, id, RepairReason.Revived));
                }
                var incomplete = row is null || row["_sync_deleted"] == "true" ? "true" : row["_sync_incomplete"];
                row ??= [];
                Write(row, change.Event);
                (row["_sync_deleted"], row["_sync_incomplete"]) = ("false", incomplete);
                break;
            case ChangeKind.Delete when hardDeletes:
                Rows.Remove(id);
                Answered(entity, id);
                return;
            default:
                row ??= new() { ["_sync_incomplete"] = "false" };
                row["_sync_deleted"] = "true";
                break;
        }
        row["_sync_event"] = change.Number.ToString();
        row["_sync_transaction_key"] = header.TransactionKey;
        Rows[id] = row;
    }

    private void Answered(string entity, string id) =>
        Repairs.RemoveWhere(r => r.Object == entity && r.RecordId == id && r.Reason is RepairReason.Unseen or RepairReason.Revived);

    private static void Write(Dictionary<string, string?> row, ChangeEvent change)
    {
        foreach (var write in change.Writes.Where(w => !w.IsDiff))
            row[write.Field.ApiName!.ToLowerInvariant()] = Printed(write.Field, write.Value);
        var whole = change.Writes.FirstOrDefault(w => w.Field.NameRole == NameRole.Whole);
        if (whole.Field is not null && !whole.Value.IsNull)
        {
            foreach (var part in Parts.Append("salutation").Where(row.ContainsKey))
                row[part] = null;
        }
        else if (change.IsFullRecord || change.Writes.Any(w => Parts.Contains(w.Field.ApiName!.ToLowerInvariant()) && w.Field.NameRole != NameRole.None))
        {
            var parts = Parts.Select(p => row.GetValueOrDefault(p)).OfType<string>().ToList();
            row["name"] = parts.Count == 0 ? null : string.Join(" ", parts);
        }
    }

    private static string? Printed(LeafField field, FieldValue value) => value.IsNull ? null : field.Type switch
    {
        FieldType.Text => value.Text,
        FieldType.Boolean => value.Integer == 0 ? "false" : "true",
        FieldType.Numeric => value.Number.ToString(CultureInfo.InvariantCulture),
        _ => value.Integer.ToString(CultureInfo.InvariantCulture),
    };
}
