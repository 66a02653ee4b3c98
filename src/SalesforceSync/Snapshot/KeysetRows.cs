using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>
/// The rows of an object that Bulk refuses, read by REST in the order of (SystemModstamp, Id). A batch is read into memory, and merged once everything received
/// meanwhile is applied; then comes the next one. Such objects are small, so that batches seldom matter.
/// </summary>
internal sealed class KeysetRows(RestClient rest)
{
    private const int PageRows = 2_000;

    /// <summary>Rows of a batch at most, so that one fits into memory.</summary>
    private const int BatchRows = 20_000;

    /// <summary>Reads the next batch; the last part of the last one has <see cref="ReadingPlace.End"/> after it.</summary>
    public async IAsyncEnumerable<RowPart> ReadAsync(Read read, ReadShape shape, [EnumeratorCancellation] CancellationToken stop)
    {
        var fields = shape.Select(shape.Evidence.Fields);
        var after = ReadingPlace.Parse(read.Locator).Record;
        for (var batch = 0; batch < BatchRows;)
        {
            var rows = new List<EvidenceRow>();
            var calls = 0;
            var soql = SoqlText.Next(read.Object, fields, read.Since, read.Condition, after, PageRows);
            if (!rest.Fits(soql))
                throw new ReadingFailedException($"Bulk refuses {read.Object}, and a query for all its fields is too long for REST: copy fewer of them");
            await foreach (var page in rest.QueryAsync(soql, all: shape.HasIsDeleted, CallClass.Snapshot, stop))
            {
                calls++;
                rows.AddRange(page.Select(record => RecordJson.Row(record, shape)));
            }
            var isLast = rows.Count < PageRows;
            if (rows.Count > 0)
                after = new(rows[^1].Stamp, rows[^1].Id);
            yield return new(shape.Evidence, rows, isLast ? ReadingPlace.End : new(0, null, after), 0, calls);
            if (isLast) yield break;
            batch += rows.Count;
        }
    }
}

/// <summary>Records as REST answers them.</summary>
internal static class RecordJson
{
    /// <exception cref="UnreadableValueException">A value does not fit its column.</exception>
    /// <exception cref="FormatException">The record has no id, or a stamp that is none.</exception>
    public static EvidenceRow Row(JsonElement record, ReadShape shape)
    {
        var room = new TextRoom();
        var stamp = Text(record, ReadShape.Stamp) is { } moment ? SalesforceText.Moment(Encoding.UTF8.GetBytes(moment)) : (DateTimeOffset?)null;
        var values = shape.Evidence.Fields.Select(field => Value(record, field, room)).ToArray();
        return new(Id(record, shape.Object), IsDeleted(record), stamp, values) { IsSubstituted = room.Substitutes > 0 };
    }

    /// <exception cref="FormatException">The record has none, or something else.</exception>
    public static string Id(JsonElement record, string objectName) =>
        (Text(record, ReadShape.Id) is { } text ? RecordId.Of(Encoding.UTF8.GetBytes(text)) : null) ?? throw new FormatException($"a record of {objectName} has no id");

    /// <summary>It lies in the recycle bin.</summary>
    public static bool IsDeleted(JsonElement record) => Find(record, ReadShape.IsDeleted) is { ValueKind: JsonValueKind.True };

    /// <summary>A field's value; one that the record does not have is null.</summary>
    public static FieldValue Value(JsonElement record, EvidenceField field, TextRoom room) => Find(record, field.Name) is not { } value ? FieldValue.Null : value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => FieldValue.Null,
        JsonValueKind.String => SalesforceText.Value(field, JsonText.Bytes(value), room),
        // Numbers, flags and whole documents stand there as text does in Bulk.
        _ => SalesforceText.Value(field, Encoding.UTF8.GetBytes(value.GetRawText()), room),
    };

    private static JsonElement? Find(JsonElement record, string name)
    {
        if (record.ValueKind != JsonValueKind.Object) return null;
        if (AnswerText.TryFind(record, name, out var value)) return value;
        foreach (var property in record.EnumerateObject())
        {
            if (AnswerText.IsName(property, name)) return property.Value;
        }
        return null;
    }

    private static string? Text(JsonElement record, string name) => Find(record, name) is { } value ? AnswerText.Of(value) : null;
}
