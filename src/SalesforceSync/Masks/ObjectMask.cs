using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>
/// What stands in the place of which field of one object. A name covers the field of that API name, and naming a compound covers its parts; the field's own
/// name goes before its compound's. Immutable.
/// </summary>
internal sealed class ObjectMask
{
    private static readonly string[] ComposedParts = ["LastName", "FirstName", "MiddleName", "Suffix"];

    private readonly SortedDictionary<string, string> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _parts = new(StringComparer.OrdinalIgnoreCase);
    private readonly MaskKey? _key;

    /// <param name="words">By API name: <c>Drop</c>, <c>Redact</c>, or <c>Hash</c> and which key.</param>
    /// <param name="key">Null where nothing is hashed, or only compared.</param>
    public ObjectMask(IEnumerable<KeyValuePair<string, string>> words, MaskKey? key = null)
    {
        _key = key;
        foreach (var (name, word) in words)
            _words[name] = word;
        foreach (var (name, word) in _words)
        {
            foreach (var part in CompoundField.PartsOf(name))
                _parts.TryAdd(part, word);
        }
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _words.Select(w => $"{w.Key.ToLowerInvariant()}={w.Value}")))))[..16];
    }

    /// <summary>The masks of an object as configured; null where it has none.</summary>
    public static ObjectMask? Of(OrgOptions org, string objectName)
    {
        var chosen = org.Objects.For(objectName).Mask;
        if (chosen.Count == 0)
            return null;
        var key = org.MaskKey is { } secret && chosen.Values.Contains(FieldMask.Hash) ? new MaskKey(secret) : null;
        return new(chosen.Select(m => KeyValuePair.Create(m.Key, m.Value == FieldMask.Hash ? $"{m.Value} {key?.Fingerprint}" : m.Value.ToString())), key);
    }

    /// <summary>The names that are configured, in lower case, each with what stands in its place and under which key.</summary>
    public IReadOnlyDictionary<string, string> Words => _words;

    /// <summary>Tells these masks and this key from others, and nothing of the key.</summary>
    public string Fingerprint { get; }

    /// <summary>What stands in a field's place, and under which key; null: its values.</summary>
    /// <param name="compound">The compound it is a part of, where that is known.</param>
    public string? WordOf(string apiName, string? compound = null, NameRole role = NameRole.None) =>
        _words.GetValueOrDefault(apiName) ?? (compound is null ? null : _words.GetValueOrDefault(compound)) ?? _parts.GetValueOrDefault(apiName)
        // The name of a business comes as the name of a person does, and that holds the parts.
        ?? (role == NameRole.Whole ? ComposedParts.Select(part => WordOf(part)).FirstOrDefault(word => word is not null) : null);

    public FieldMask? Of(string apiName, string? compound = null, NameRole role = NameRole.None) =>
        WordOf(apiName, compound, role) is { } word ? Enum.Parse<FieldMask>(word.Split(' ')[0]) : null;

    /// <summary>What stands in the place of a leaf of an event schema.</summary>
    /// <param name="siblings">All leaves of the schema: what has no name of its own is a shadow of those beside it, and goes with them.</param>
    public FieldMask? Of(LeafField leaf, IReadOnlyList<LeafField> siblings)
    {
        var compound = leaf.Compound;
        if (leaf.ApiName is { } name)
            return Of(name, compound, leaf.NameRole);
        return compound is not null && (_words.ContainsKey(compound) || siblings.Any(s => s.Compound == compound && s.ApiName is { } part && Of(part, compound) is not null))
            ? FieldMask.Drop : null;
    }

    /// <summary>What makes the values of a field into what stands in their place; null where they stay.</summary>
    /// <param name="type">What the values mean.</param>
    public ValueMask? For(FieldType type, string apiName, string? compound, NameRole role = NameRole.None) =>
        Of(apiName, compound, role) is { } mask ? new(mask, type, _key) : null;
}
