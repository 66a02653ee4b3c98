using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SalesforceSync.Configuration;

/// <summary>
/// Reads one section key by key and remembers which keys were asked for: what nobody asked for is unknown, so no option can be given and ignored.
/// Faults are added to the list, never thrown; a reader goes on with the next key. A blank value counts as not given.
/// </summary>
/// <param name="asked">Hears of every key that is asked for, whether it is given or not; the same one perhaps more than once.</param>
internal sealed class SectionReader(IConfigurationRoot root, string path, List<ConfigurationFault> faults, Action<AskedKey>? asked = null)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the keys under this section, each once, whoever gave them.</summary>
    public IEnumerable<string> Children => root.GetSection(path).GetChildren().Select(c => c.Key);

    public string Path(string key) => $"{path}:{key}";

    /// <summary>Adds a fault; the same one twice is one.</summary>
    public void Fault(string key, string? value, string remedy)
    {
        var fault = new ConfigurationFault(Path(key), value ?? ConfigurationFault.Missing, remedy);
        if (!faults.Contains(fault))
            faults.Add(fault);
    }

    public SectionReader Section(string key)
    {
        _known.Add(key);
        if (!string.IsNullOrEmpty(root[Path(key)]))
            Fault(key, ConfigurationFault.Hidden, "is a section; give the keys below it");
        return new SectionReader(root, Path(key), faults, asked);
    }

    public string? Text(string key) => One(key, "text");

    public Secret? Secret(string key) => One(key, AskedKey.Secret) is { } text ? new Secret(text) : null;

    public string? RequiredText(string key, string remedy) => Required(key, Text(key), remedy);

    public Secret? RequiredSecret(string key, string remedy) => Required(key, Secret(key)?.Reveal, remedy) is { } text ? new Secret(text) : null;

    /// <summary>A word of the enumeration, without regard to case; its numbers are no words.</summary>
    public T? Word<T>(string key) where T : struct, Enum
    {
        if (One(key, AskedKey.OneOf(Enum.GetNames<T>())) is not { } text)
            return null;
        if (Enum.GetNames<T>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name)
            return Enum.Parse<T>(name);
        Fault(key, text, $"give one of {string.Join(", ", Enum.GetNames<T>())}");
        return null;
    }

    public bool? Flag(string key)
    {
        if (One(key, AskedKey.OneOf(["true", "false"])) is not { } text)
            return null;
        if (bool.TryParse(text, out var flag))
            return flag;
        Fault(key, text, "give true or false");
        return null;
    }

    public int? Number(string key, int least, int most)
    {
        if (One(key, AskedKey.Number(least, most)) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(key, text, $"give a number from {least} to {most}");
        return null;
    }

    public double? Share(string key)
    {
        if (One(key, "number, 0 to 1") is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
            return share;
        Fault(key, text, "give a number from 0 to 1, such as 0.01");
        return null;
    }

    /// <summary>A span of time as <c>[days.]hh:mm:ss[.fraction]</c>: a bare number is refused, for it would mean days.</summary>
    public TimeSpan? Span(string key, TimeSpan least, TimeSpan most)
    {
        if (One(key, AskedKey.Span(least, most)) is not { } text)
            return null;
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span)
            && span >= least && span <= most)
            return span;
        Fault(key, text, $"give [days.]hh:mm:ss[.fraction] from {least:c} to {most:c}");
        return null;
    }

    /// <summary>A list, whole, from the last source that names it: the parts of an earlier source's list do not show through. Null when nobody does.</summary>
    public IReadOnlyList<string>? List(string key)
    {
        _known.Add(key);
        asked?.Invoke(new(Path(key), AskedKey.List));
        foreach (var provider in root.Providers.Reverse())
        {
            var indexes = provider.GetChildKeys([], Path(key)).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
            var isScalar = provider.TryGet(Path(key), out var scalar);
            if (indexes.Length > 0)
                return Elements(provider, key, indexes);
            if (!isScalar || scalar is null)
                continue;
            Fault(key, scalar.Length == 0 ? "[]" : scalar, $"give a list of at least one: {Path(key)}:0");
            return null;
        }
        return null;
    }

    public void RefuseUnavailable(string key)
    {
        _known.Add(key);
        var section = root.GetSection(Path(key));
        var children = section.GetChildren().Select(c => c.Key).ToArray();
        foreach (var child in children)
            Fault($"{key}:{child}", ConfigurationFault.Hidden, "is not available in this version; remove it");
        if (children.Length == 0 && !string.IsNullOrEmpty(section.Value))
            Fault(key, ConfigurationFault.Hidden, "is not available in this version; remove it");
    }

    /// <summary>Reports every key not asked for so far, with the name it was probably meant to be. Called last.</summary>
    public void RefuseUnknown()
    {
        foreach (var key in Children.Where(c => !_known.Contains(c)))
        {
            var hint = NearestName.Of(key, _known) is { } near ? $"; did you mean {near}?" : $"; known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
            Fault(key, ConfigurationFault.Hidden, $"is no key of this program{hint}");
        }
    }

    private string? One(string key, string values)
    {
        _known.Add(key);
        asked?.Invoke(new(Path(key), values));
        var secret = values == AskedKey.Secret;
        var section = root.GetSection(Path(key));
        if (section.GetChildren().FirstOrDefault() is { } child)
            Fault($"{key}:{child.Key}", ConfigurationFault.Hidden, $"{key} takes one value, nothing below it");
        // A secret may begin or end with a blank; the line end of a file it was read from is not part of it.
        var text = secret ? section.Value?.TrimEnd('\r', '\n') : section.Value?.Trim();
        // A line break inside a value is never meant: it comes from a file pasted whole, and would end up in a header or a form.
        if (!secret && text is not null && text.Any(char.IsControl))
            Fault(key, text, "holds a control character; give one line");
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private string? Required(string key, string? text, string remedy)
    {
        if (text is null)
            Fault(key, null, remedy);
        return text;
    }

    private List<string> Elements(IConfigurationProvider provider, string key, string[] indexes)
    {
        var elements = new List<(int Index, string Text)>();
        foreach (var index in indexes)
        {
            var isIndex = int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at);
            if (isIndex && provider.TryGet($"{Path(key)}:{index}", out var text) && !string.IsNullOrWhiteSpace(text))
                elements.Add((at, text.Trim()));
            else
                Fault($"{key}:{index}", isIndex ? ConfigurationFault.Missing : ConfigurationFault.Hidden, $"{key} is a list of texts, numbered from 0");
        }
        return [.. elements.OrderBy(e => e.Index).Select(e => e.Text)];
    }
}
