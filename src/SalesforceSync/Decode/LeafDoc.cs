namespace SalesforceSync.Decode;

/// <summary>
/// The <c>doc</c> of a field in an event schema, <c>Role:Type[:FieldId]</c>: the only thing that tells a date from a number, since Salesforce writes no logical
/// types (seen in every captured schema, 2023 to 2026).
/// </summary>
internal static class LeafDoc
{
    /// <summary>The role that a field's doc has where its values were taken out.</summary>
    public const string Masked = "Masked";

    public static string? TypeOf(string? doc) => Segment(doc, 1);

    /// <summary>The field's id, for custom fields: another id under the same name is another field.</summary>
    public static string? FieldIdOf(string? doc) => Segment(doc, 2) is { Length: > 0 } id ? id : null;

    public static bool IsMasked(string? doc) => Segment(doc, 0) == Masked;

    /// <summary>The doc of a field whose values were taken out: its type and id stay, so that it is known for the same field.</summary>
    public static string Mask(string? doc) => doc is not null && doc.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? Masked + doc[colon..] : Masked;

    /// <summary>What an int or long means. Logical types win where they occur; only timestamps and dates share one.</summary>
    public static FieldType MeaningOf(AvroPrimitive number, string? doc) => (number.Kind, number.Logical, TypeOf(doc)) switch
    {
        (_, AvroLogical.TimestampMillis or AvroLogical.TimestampMicros, "DateOnly" or "Birthday") => FieldType.DateOnly,
        (_, AvroLogical.TimestampMillis or AvroLogical.TimestampMicros, _) => FieldType.DateTime,
        (_, AvroLogical.Date, _) => FieldType.DateOnly,
        (_, AvroLogical.TimeMillis or AvroLogical.TimeMicros, _) => FieldType.TimeOnly,
        (AvroKind.Int, _, _) => FieldType.Integer,
        (_, _, "DateTime") => FieldType.DateTime,
        (_, _, "DateOnly" or "Birthday") => FieldType.DateOnly,
        (_, _, "TimeOnly") => FieldType.TimeOnly,
        _ => FieldType.BigInteger,
    };

    /// <summary>The unit of a time on the wire: milliseconds, unless a logical type says otherwise.</summary>
    public static TimeUnit UnitOf(AvroType type, FieldType meaning) => (type, meaning) switch
    {
        (AvroPrimitive { Logical: AvroLogical.TimestampMicros or AvroLogical.TimeMicros }, _) => TimeUnit.Microseconds,
        (AvroPrimitive { Logical: AvroLogical.Date }, _) => TimeUnit.Days,
        (_, FieldType.DateTime or FieldType.DateOnly or FieldType.TimeOnly) => TimeUnit.Milliseconds,
        _ => TimeUnit.None,
    };

    private static string? Segment(string? doc, int index)
    {
        var segments = doc?.Split(':');
        return segments?.Length > index ? segments[index] : null;
    }
}

/// <summary>What one step of a number on the wire is worth.</summary>
internal enum TimeUnit
{
    None,
    Microseconds,
    Milliseconds,
    Days,
}
