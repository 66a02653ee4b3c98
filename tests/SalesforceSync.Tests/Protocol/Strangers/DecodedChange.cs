using System.Text.Json;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>A change event as a stranger decoded it, brought to REST names, to be compared with what was committed.</summary>
internal sealed class DecodedChange
{
    private readonly JsonElement _document;
    private readonly JsonElement _header;
    private readonly EventSchema _schema;

    public DecodedChange(JsonElement document, SimulatedOrg org)
    {
        _document = document;
        _header = document.GetProperty("header");
        _schema = org.FindSchema(document.GetProperty("schemaId").GetString()!)!;
    }

    public long Position => _document.GetProperty("replayId").GetInt64();

    public void ShouldBe(CommittedChange committed)
    {
        var what = $"{committed.Object} {committed.Type} at {committed.Position}";
        Text("entityName").ShouldBe(committed.Object, what);
        Text("changeType").ShouldBe(committed.Type, what);
        Text("transactionKey").ShouldBe(committed.Transaction, what);
        _header.GetProperty("sequenceNumber").GetInt32().ShouldBe(committed.Sequence, what);
        Texts("recordIds").ShouldBe(committed.Ids, what);
        Values().ShouldBe(committed.Values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => Plain(v.Value!)), ignoreOrder: true, what);
        var update = committed.Type == "UPDATE";
        Names("changedFields").ShouldBe(update ? committed.Values.Keys : [], ignoreOrder: true, what);
        Names("nulledFields").ShouldBe(update ? committed.Values.Where(v => v.Value is null).Select(v => v.Key) : [], ignoreOrder: true, what);
        Names("diffFields").ShouldBeEmpty(what);
        if (committed.Values.TryGetValue("LastModifiedDate", out var modified))
            _header.GetProperty("commitTimestamp").GetDouble().ShouldBe((double)Plain(modified!), what);
    }

    private string? Text(string name) => _header.GetProperty(name).GetString();

    private IEnumerable<string?> Texts(string name) => _header.GetProperty(name).EnumerateArray().Select(e => e.GetString());

    /// <summary>The names of a bitmap: a field, <c>field.part</c>, or a compound as a whole, which stands for all its parts.</summary>
    private IEnumerable<string> Names(string bitmaps) => Texts(bitmaps).SelectMany(name =>
    {
        var (field, part) = name!.Split('.') is [var of, var one] ? (of, one) : (name, null);
        var slot = Slot(field);
        if (part is not null) return [PartsOf(slot)[part]];
        return slot.Plain is { } plain ? [plain.RestName] : slot.Parts.Select(leaf => leaf.RestName);
    });

    private Dictionary<string, object> Values()
    {
        var values = new Dictionary<string, object>();
        foreach (var field in _document.GetProperty("body").EnumerateObject().Where(f => f.Value.ValueKind != JsonValueKind.Null))
        {
            var slot = Slot(field.Name);
            if (field.Value.ValueKind != JsonValueKind.Object)
            {
                values.Add(slot.Plain!.RestName, Plain(field.Value));
                continue;
            }
            foreach (var part in field.Value.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null))
                values.Add(PartsOf(slot)[part.Name], Plain(part.Value));
        }
        return values;
    }

    private FieldSlot Slot(string name) => _schema.Fields.Single(slot => slot.Field.Name == name);

    private static Dictionary<string, string> PartsOf(FieldSlot slot) =>
        slot.Field.Compound!.Parts.Zip(slot.Parts).ToDictionary(pair => pair.First.Name, pair => pair.Second.RestName);

    private static object Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => value.GetString()!,
    };

    /// <summary>As JSON has it: every number a double, times in milliseconds.</summary>
    private static object Plain(object value) => value switch
    {
        int number => (double)number,
        DateTimeOffset moment => (double)moment.ToUnixTimeMilliseconds(),
        DateOnly date => (double)new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        TimeOnly time => time.ToTimeSpan().TotalMilliseconds,
        _ => value,
    };
}
