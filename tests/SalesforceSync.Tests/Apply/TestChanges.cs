using SalesforceSync.Apply;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Apply;

/// <summary>Changes of one object in order of their numbers, written by field name.</summary>
internal sealed class TestChanges(string objectName)
{
    public const long CommittedAt = 1_700_000_000_000;

    private static long _number;

    public NumberedChange Create(EventSchema schema, string id, params ReadOnlySpan<(string Field, FieldValue Value)> fields) =>
        Change(ChangeKind.Create, schema, [id], Writes(schema, fields));

    public NumberedChange Update(EventSchema schema, string id, params ReadOnlySpan<(string Field, FieldValue Value)> fields) =>
        Change(ChangeKind.Update, schema, [id], Writes(schema, fields));

    public NumberedChange Undelete(EventSchema schema, string id, params ReadOnlySpan<(string Field, FieldValue Value)> fields) =>
        Change(ChangeKind.Undelete, schema, [id], Writes(schema, fields));

    public NumberedChange Delete(EventSchema schema, string id) => Change(ChangeKind.Delete, schema, [id], []);

    public NumberedChange Diff(EventSchema schema, string id, string field, string diff = "diff") =>
        Change(ChangeKind.Update, schema, [id], [new(Leaf(schema, field), Value.Of(diff), IsDiff: true)]);

    public NumberedChange Change(ChangeKind kind, EventSchema schema, IReadOnlyList<string> ids, IReadOnlyList<FieldWrite> writes)
    {
        var number = Interlocked.Increment(ref _number);
        var header = new ChangeEventHeader(
            objectName, ids, kind, kind.ToString().ToUpperInvariant(), "", $"key-{number}", (int)(number % 1000), CommittedAt + number, number * 10, "005", [],
            [.. writes.Where(w => w.IsDiff).Select(w => w.Field.Path)], []);
        return new(number, new ChangeEvent(header, schema, writes), number);
    }

    public static IReadOnlyList<FieldWrite> Writes(EventSchema schema, params ReadOnlySpan<(string Field, FieldValue Value)> fields)
    {
        var writes = new List<FieldWrite>();
        foreach (var (field, value) in fields)
            writes.Add(new(Leaf(schema, field), value));
        return [.. writes.OrderBy(w => w.Field.Ordinal)];
    }

    private static LeafField Leaf(EventSchema schema, string field) =>
        schema.Leaves.First(l => l.ApiName == field || (field == "Name" && l.NameRole == NameRole.Whole));
}
