namespace SalesforceSync.Decode;

/// <summary>The named types a schema has defined so far, found by full name or by short name in the enclosing namespace (Avro specification, "Names").</summary>
internal sealed class AvroNames
{
    private const int Longest = 255;
    private readonly Dictionary<string, AvroType?> _types = new(StringComparer.Ordinal);

    /// <summary>Full name of a definition: a dotted name is complete, else its own or the enclosing namespace is put before it.</summary>
    public static string FullName(string name, string? ownNamespace, string enclosing)
    {
        if (name.Contains('.', StringComparison.Ordinal)) return name;
        var space = ownNamespace ?? enclosing;
        return space.Length == 0 ? name : $"{space}.{name}";
    }

    public static string ShortName(string fullName) => fullName[(fullName.LastIndexOf('.') + 1)..];

    public static string NamespaceOf(string fullName) => fullName.LastIndexOf('.') is var dot and > 0 ? fullName[..dot] : "";

    /// <summary>The grammar of names and symbols: a letter or underscore, then letters, digits, underscores.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= Longest && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    public static bool IsFullName(string name) => name.Length <= Longest && name.Split('.').All(IsName);

    /// <summary>Reserves a name while its type is being read; false when it is taken.</summary>
    public bool Open(string fullName) => _types.TryAdd(fullName, null);

    public void Close(string fullName, AvroType type) => _types[fullName] = type;

    /// <summary>False when the name is unknown; a null type when it is still being defined, which means that it contains itself.</summary>
    public bool TryFind(string name, string enclosing, out AvroType? type) => _types.TryGetValue(FullName(name, null, enclosing), out type);
}
