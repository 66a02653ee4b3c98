using System.Text.Json;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>
/// What is copied of which object, as remembered from one start to the next: events that were passed over are not asked for again, so whatever is chosen
/// in addition has a past that nobody has seen.
/// </summary>
/// <param name="Rules">By API name; <c>*</c> speaks for every object not named.</param>
internal sealed record Selection(IReadOnlyDictionary<string, ObjectRule> Rules)
{
    private const string Rest = "*";

    private const string Dropped = "Drop";

    private sealed record Stored(bool Include, string[]? Fields, string[]? Exclude, IReadOnlyDictionary<string, string>? Mask = null);

    /// <summary>The objects of which more is copied now than before; <c>*</c> for those without a rule of their own.</summary>
    public IReadOnlyList<string> WidenedSince(Selection before) =>
        [.. Rules.Keys.Union(before.Rules.Keys).Append(Rest).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(name => IsWider(RuleOf(name), before.RuleOf(name)))];

    /// <summary>Whether anything of an object is copied.</summary>
    public bool Includes(string name) => Find(name).Include;

    /// <summary>What stands in the place of an object's values.</summary>
    public ObjectMask? MaskOf(string name) => Find(name).Mask;

    /// <summary>Something of some object is masked.</summary>
    public bool HasMasks => Rules.Values.Any(rule => rule.Mask is not null);

    /// <summary>The same selection gives the same text.</summary>
    public string ToJson() => JsonSerializer.Serialize(Rules
        .OrderBy(rule => rule.Key, StringComparer.Ordinal)
        .ToDictionary(rule => rule.Key, rule => new Stored(rule.Value.Include, Sorted(rule.Value.Fields), Sorted(rule.Value.Exclude), rule.Value.Mask?.Words)));

    public static Selection FromJson(string json) => new(JsonSerializer.Deserialize<Dictionary<string, Stored>>(json)!.ToDictionary(
        rule => rule.Key, rule => new ObjectRule(rule.Value.Include, rule.Value.Fields?.ToHashSet(), rule.Value.Exclude?.ToHashSet(), Mask: rule.Value.Mask is { } words ? new(words) : null),
        StringComparer.Ordinal));

    private ObjectRule RuleOf(string name) => Rules.GetValueOrDefault(name) ?? Rules.GetValueOrDefault(Rest) ?? ObjectRule.All;

    private ObjectRule Find(string name) =>
        Rules.Where(rule => string.Equals(rule.Key, name, StringComparison.OrdinalIgnoreCase)).Select(rule => rule.Value).FirstOrDefault() ?? RuleOf(Rest);

    private static bool IsWider(ObjectRule now, ObjectRule before)
    {
        if (!now.Include)
            return false;
        if (!before.Include || (before.Fields is not null && now.Fields is null))
            return true;
        var addedFields = before.Fields is not null && now.Fields!.Except(before.Fields, StringComparer.OrdinalIgnoreCase).Any();
        var noLongerExcluded = before.Exclude?.Except(now.Exclude ?? new HashSet<string>(), StringComparer.OrdinalIgnoreCase).Any() ?? false;
        var noLongerDropped = before.Mask?.Words.Any(word => word.Value == Dropped && now.Mask?.WordOf(word.Key) != Dropped) ?? false;
        return addedFields || noLongerExcluded || noLongerDropped;
    }

    private static string[]? Sorted(IReadOnlySet<string>? names) => names is null or { Count: 0 } ? null : [.. names.Order(StringComparer.Ordinal)];
}
