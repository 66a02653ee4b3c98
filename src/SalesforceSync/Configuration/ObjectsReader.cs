using System.Text.RegularExpressions;

namespace SalesforceSync.Configuration;

/// <summary>Reads <c>Orgs:*:Objects</c>: which objects and fields are copied.</summary>
internal static partial class ObjectsReader
{
    /// <summary>Fields by which records, their existence and their age are told.</summary>
    private static readonly HashSet<string> Needed = new(StringComparer.OrdinalIgnoreCase) { "Id", "IsDeleted", "SystemModstamp", "LastModifiedDate" };

    private const string NamePart = "name a part as REST does (BillingStreet, FirstName, Place__Latitude__s), or the whole compound";

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
            Mask = Mask(entry, isRest),
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
            else if (IsPart(names[i]))
                entry.Fault($"{key}:{i}", names[i], NamePart);
        return new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
    }

    private static IReadOnlyDictionary<string, FieldMask> Mask(SectionReader entry, bool isRest)
    {
        var masks = new Dictionary<string, FieldMask>(StringComparer.OrdinalIgnoreCase);
        var section = entry.Section("Mask");
        foreach (var field in section.Children.ToArray())
        {
            if (isRest)
                section.Fault(field, section.Text(field), "name fields under their object, not under *");
            else if (!ApiName().IsMatch(field))
                section.Fault(field, ConfigurationFault.Hidden, "is no API name of a field; correct it");
            else if (IsPart(field))
                section.Fault(field, section.Text(field), NamePart);
            else if (Needed.Contains(field))
                section.Fault(field, section.Text(field), "the copy itself needs this field, and it says nothing of a person; remove it");
            else if (section.Word<FieldMask>(field) is { } mask)
                masks[field] = mask;
            else if (section.Text(field) is null)
                section.Fault(field, null, $"give one of {string.Join(", ", Enum.GetNames<FieldMask>())}");
        }
        return masks.Count == 0 ? ObjectOptions.Default.Mask : masks;
    }

    // Change events name a compound's part with a dot (BillingAddress.Street); no column and no field of REST has that name.
    private static bool IsPart(string field) => field.Contains('.', StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$")]
    private static partial Regex ApiName();
}
