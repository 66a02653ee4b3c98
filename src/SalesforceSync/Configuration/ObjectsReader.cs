using System.Text.RegularExpressions;

namespace SalesforceSync.Configuration;

/// <summary>Reads <c>Orgs:*:Objects</c>: which objects and fields are copied.</summary>
internal static partial class ObjectsReader
{
    public static ObjectSelection Read(SectionReader objects)
    {
        var entries = new Dictionary<string, ObjectOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in objects.Children.ToArray())
        {
            if (name != ObjectSelection.Rest && !ApiName().IsMatch(name))
                objects.Fault(name, ConfigurationFault.Hidden, "is no API name of an object, nor *; correct it");
            entries[name] = Entry(objects.Section(name), isRest: name == ObjectSelection.Rest);
        }
        return new ObjectSelection(entries);
    }

    private static ObjectOptions Entry(SectionReader entry, bool isRest)
    {
        entry.RefuseUnavailable("Mask");
        var fields = Names(entry, "Fields", isRest);
        var exclude = Names(entry, "Exclude", isRest);
        if (fields is not null && exclude is not null)
            entry.Fault("Exclude", string.Join(", ", exclude), "Fields names all that is copied; remove one of the two");
        var options = new ObjectOptions
        {
            Include = entry.Flag("Include") ?? ObjectOptions.Default.Include,
            Deletes = entry.Word<DeletePolicy>("Deletes") ?? ObjectOptions.Default.Deletes,
            Fields = fields,
            Exclude = exclude ?? ObjectOptions.Default.Exclude,
        };
        entry.RefuseUnknown();
        return options;
    }

    private static HashSet<string>? Names(SectionReader entry, string key, bool isRest)
    {
        if (entry.List(key) is not { } names)
            return null;
        if (isRest)
            entry.Fault(key, string.Join(", ", names), "name fields under their object, not under *");
        for (var i = 0; i < names.Count; i++)
            if (!ApiName().IsMatch(names[i]))
                entry.Fault($"{key}:{i}", names[i], "is no API name of a field; correct it");
        return new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
    }

    // A compound's part is named with a dot (BillingAddress.Street), as change events name it.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$")]
    private static partial Regex ApiName();
}
