using System.Text.Json;

namespace SalesforceSync.Salesforce;

/// <summary>Reads what describe answers. Attributes that are missing have the value that restricts least; what has no name is passed over.</summary>
internal static class DescribeAnswer
{
    /// <summary>Null when it lists no fields.</summary>
    public static ObjectShape? Read(JsonElement described)
    {
        if (described.ValueKind != JsonValueKind.Object || !AnswerText.TryFind(described, "fields", out var fields) || fields.ValueKind != JsonValueKind.Array)
            return null;
        return Shape(described, [.. fields.EnumerateArray().Select(Field).OfType<FieldShape>()]);
    }

    /// <summary>Null when it lists no objects.</summary>
    public static IReadOnlyList<ObjectShape>? ReadGlobal(JsonElement global)
    {
        if (global.ValueKind != JsonValueKind.Object || !AnswerText.TryFind(global, "sobjects", out var objects) || objects.ValueKind != JsonValueKind.Array)
            return null;
        return [.. objects.EnumerateArray().Where(o => Text(o, "name") is not null).Select(o => Shape(o, []))];
    }

    private static ObjectShape Shape(JsonElement described, IReadOnlyList<FieldShape> fields) =>
        new(Text(described, "name") ?? "", Text(described, "keyPrefix"), Flag(described, "queryable") ?? true, Flag(described, "replicateable") ?? true, fields);

    private static FieldShape? Field(JsonElement field)
    {
        if (Text(field, "name") is not { } name)
            return null;
        // With person accounts on, Name calls itself its own compound.
        var compound = Text(field, "compoundFieldName") is { } parent && !parent.Equals(name, StringComparison.OrdinalIgnoreCase) ? parent : null;
        return new FieldShape(
            name, Text(field, "type") ?? "string", compound, Flag(field, "calculated") ?? false, Flag(field, "nillable") ?? true,
            Number(field, "length"), Number(field, "precision"), Number(field, "scale"), Text(field, "extraTypeInfo"));
    }

    private static string? Text(JsonElement element, string name) =>
        AnswerText.Of(element, name) is { Length: > 0 } text ? text : null;

    private static bool? Flag(JsonElement element, string name) =>
        AnswerText.TryFind(element, name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    private static int Number(JsonElement element, string name) =>
        AnswerText.TryFind(element, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
