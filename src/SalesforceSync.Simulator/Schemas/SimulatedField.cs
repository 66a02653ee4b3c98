namespace SalesforceSync.Simulator.Schemas;

/// <summary>A field of an object as the org's administrator defined it.</summary>
/// <param name="Name">API name, <c>BillingAddress</c> or <c>Amount_Owed__c</c>.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record SimulatedField(string Name, FieldKind Kind)
{
    /// <summary>The 15-character id that Salesforce gives custom fields; null for standard ones.</summary>
    public string? FieldId { get; init; }

    /// <summary>Longest text in characters.</summary>
    public int MaxLength { get; init; } = 255;

    /// <summary>Picklist values, where the kind has any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>False for what only the org itself writes.</summary>
    public bool Writable { get; init; } = true;

    /// <summary>For a calculated field: its value from the record's others (by REST name) and the time; it changes without an event.</summary>
    public Func<Func<string, object?>, DateTimeOffset, object?>? Formula { get; init; }

    /// <summary>For a calculated field: whether the event schema lists it. New records then show its value of that moment.</summary>
    public bool InEvents { get; init; }

    public bool IsCustom => Name.EndsWith("__c", StringComparison.Ordinal);

    public CompoundShape? Compound => Kind switch
    {
        FieldKind.Address => CompoundShape.Address,
        FieldKind.Location => CompoundShape.Location,
        FieldKind.PersonName => CompoundShape.PersonName,
        FieldKind.SwitchablePersonName => CompoundShape.SwitchablePersonName,
        _ => null
    };

    /// <summary>What a value that is no compound holds; for a switchable name the name of a business.</summary>
    public ValueKind ValueKind => Kind switch
    {
        FieldKind.Boolean => ValueKind.Boolean,
        FieldKind.Integer => ValueKind.WholeNumber,
        FieldKind.Double or FieldKind.Currency or FieldKind.Percent => ValueKind.Number,
        FieldKind.DateTime => ValueKind.DateTime,
        FieldKind.DateOnly => ValueKind.Date,
        FieldKind.TimeOnly => ValueKind.Time,
        _ => ValueKind.Text
    };

    /// <summary>The <c>doc</c> attribute: role, type and, for custom fields, the field id.</summary>
    public string Doc
    {
        get
        {
            var role = Kind switch
            {
                FieldKind.EntityId => "ForeignKey",
                FieldKind.ExternalId => "ExternalForeignKey",
                FieldKind.DateTime when Name == "CreatedDate" => "CreatedDate",
                _ => "Data"
            };
            var type = Kind == FieldKind.SwitchablePersonName ? "Switchable_PersonName" : Kind.ToString();
            return FieldId is null ? $"{role}:{type}" : $"{role}:{type}:{FieldId}";
        }
    }

    /// <summary>The name REST and Bulk give to one part of this compound field.</summary>
    public string RestNameOf(CompoundPart part) => Kind switch
    {
        FieldKind.PersonName or FieldKind.SwitchablePersonName => part.Name,
        _ when IsCustom => $"{Name[..^3]}__{part.Name}__s",
        FieldKind.Address => Name[..^"Address".Length] + part.Name,
        _ => Name + part.Name
    };
}
