namespace SalesforceSync.Simulator.Org;

/// <summary>What a simulated org is like.</summary>
internal sealed record OrgOptions
{
    /// <summary>Decides everything that is left to chance: holes, keys, origins.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>18 characters.</summary>
    public string OrgId { get; init; } = SalesforceId.Widen("00DDp0000000001");

    /// <summary>Custom channels: name without <c>/data/</c> and <c>__chn</c> to the API names of its objects.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Channels { get; init; } =
        new Dictionary<string, IReadOnlyList<string>> { ["Sales"] = ["Account", "Opportunity"] };
}
