namespace SalesforceSync.Simulator.Org;

/// <summary>What a simulated org is like.</summary>
internal sealed record OrgOptions
{
    /// <summary>Decides everything that is left to chance: holes, keys, origins.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>18 characters.</summary>
    public string OrgId { get; init; } = SalesforceId.Widen("00DDp0000000001");

    /// <summary>Which of the objects of a new org it has; all of them when empty.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    /// <summary>Custom channels: name without <c>/data/</c> and <c>__chn</c> to the API names of its objects.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Channels { get; init; } =
        new Dictionary<string, IReadOnlyList<string>> { ["Sales"] = ["Account", "Opportunity"] };

    /// <summary>
    /// Fields that a channel adds to the updates and deletes of an object: by topic, then by API name of the object, REST names. Salesforce allows it on multi-entity
    /// channels, ten fields for each object.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Enrichment { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>();

    /// <summary>Send every change of a long text as a difference where Salesforce would; else only where a step asks for it.</summary>
    public bool TextDifferences { get; init; }
}
