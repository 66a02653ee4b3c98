namespace SalesforceSync.Apply;

/// <summary>Something the event could not tell, to be fetched from Salesforce later. Asked once per call; the same may be asked again by a later call.</summary>
/// <param name="Object">API name of the object.</param>
/// <param name="RecordId">Null: the whole object.</param>
/// <param name="Reason">One of <see cref="RepairReason"/>.</param>
internal sealed record RepairRequest(string Object, string? RecordId, string Reason)
{
    /// <summary>Of a record an event names; an id with a wildcard stands for more of them than it names: the whole object.</summary>
    public static RepairRequest Of(string entity, string recordId, string reason) => new(entity, recordId.EndsWith('*') ? null : recordId, reason);

    /// <summary>Of the object whose events have a schema, where an event does not tell whom it is about.</summary>
    public static RepairRequest OfSchema(string schemaId, string reason) => new($"schema {schemaId}", null, reason);
}

internal static class RepairReason
{
    /// <summary>An UPDATE of a record that was never seen: what is known was inserted, incomplete.</summary>
    public const string Unseen = "unseen";

    /// <summary>An UPDATE of a record that was marked deleted: it lives again, incomplete.</summary>
    public const string Revived = "revived";

    /// <summary>A text came as a difference that does not fit the text we have.</summary>
    public const string TextDiff = "text_diff";

    /// <summary>A number with more than 15 significant digits, which a double cannot carry exactly.</summary>
    public const string Precision = "precision";

    /// <summary>One event for many records that it does not name.</summary>
    public const string Wildcard = "wildcard";

    /// <summary>A field's type does not fit its column any more; a change of an older schema was written to a column that is not the field's now.</summary>
    public const string TypeChanged = "type_changed";

    /// <summary>Another field took the name of a column's field.</summary>
    public const string FieldReplaced = "field_replaced";

    /// <summary>The table has no room for all fields; the rest is written.</summary>
    public const string TooManyColumns = "too_many_columns";

    /// <summary>An event of the record is parked in quarantine.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>A change came after the rest of its transaction was applied, and later ones had touched the record.</summary>
    public const string Late = "late";

    /// <summary>The record's transaction was cut off by a lost position.</summary>
    public const string Torn = "torn";

    /// <summary>Two different changes came under one sequence number; the first was written.</summary>
    public const string Conflict = "conflict";

    /// <summary>A person asked for it.</summary>
    public const string Requested = "requested";
}
