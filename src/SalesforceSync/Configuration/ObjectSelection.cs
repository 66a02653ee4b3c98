namespace SalesforceSync.Configuration;

/// <summary>Which objects of an org are copied, and how. Immutable.</summary>
/// <param name="entries">By API name, compared without case; <see cref="Rest"/> speaks for every object not named.</param>
internal sealed class ObjectSelection(IReadOnlyDictionary<string, ObjectOptions> entries)
{
    /// <summary>The name of the entry for all objects that have none of their own.</summary>
    public const string Rest = "*";

    /// <summary>Copies everything, deletes softly.</summary>
    public static readonly ObjectSelection All = new(new Dictionary<string, ObjectOptions>());

    /// <summary>The objects that have an entry of their own.</summary>
    public IEnumerable<KeyValuePair<string, ObjectOptions>> Named => entries.Where(e => e.Key != Rest);

    public ObjectOptions For(string objectName) =>
        entries.TryGetValue(objectName, out var own) ? own : entries.GetValueOrDefault(Rest, ObjectOptions.Default);
}
