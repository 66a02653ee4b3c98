namespace SalesforceSync.Configuration;

/// <summary>What is copied of one object. An entry stands alone: it inherits nothing from the <c>*</c> entry.</summary>
internal sealed record ObjectOptions
{
    private static readonly Dictionary<string, FieldMask> NoMasks = [];

    public static readonly ObjectOptions Default = new();

    public bool Include { get; init; } = true;

    /// <summary>API names of the only fields to copy, compared without case; null copies all but <see cref="Exclude"/>.</summary>
    public IReadOnlySet<string>? Fields { get; init; }

    /// <summary>API names of the fields not to copy, compared without case.</summary>
    public IReadOnlySet<string> Exclude { get; init; } = new HashSet<string>();

    /// <summary>What stands in the place of a field's values, by API name, compared without case.</summary>
    public IReadOnlyDictionary<string, FieldMask> Mask { get; init; } = NoMasks;

    public DeletePolicy Deletes { get; init; } = DeletePolicy.Soft;

    /// <summary>Whether a field of a copied object is copied.</summary>
    public bool Copies(string field) => Fields?.Contains(field) ?? !Exclude.Contains(field);
}
