namespace SalesforceSync.Decode;

/// <summary>
/// Compound fields of Salesforce: records in the event, several fields in REST, Bulk and our tables (Object Reference, "Compound Fields"). A record this class
/// does not know stays one value.
/// </summary>
internal static class CompoundField
{
    /// <summary>What the parts of places are called (Object Reference, "Address Compound Fields" and "Geolocation Compound Field").</summary>
    private static readonly HashSet<string> PartsOfPlaces =
    [
        "Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude", "Longitude", "GeocodeAccuracy", "Xyz", "XyzEncoded",
    ];

    private static readonly string[] PartsOfNames = ["Salutation", "FirstName", "MiddleName", "LastName", "Suffix", "InformalName"];

    /// <summary>
    /// True when a top-level field of this record type is taken apart into its parts. Another record in a custom field stays one value, for nobody knows what
    /// REST calls its parts; one that consists of the parts of a place is one, whatever it is called.
    /// </summary>
    public static bool IsKnown(AvroField field, AvroRecord record) =>
        IsPersonName(field, record)
        || record.Name is "Address" or "Location"
        || LeafDoc.TypeOf(field.Doc) is "Address" or "Location"
        || (field.Name.EndsWith("__c", StringComparison.Ordinal) && record.Fields.Count > 0 && record.Fields.All(part => PartsOfPlaces.Contains(part.Name)));

    public static bool IsPersonName(AvroField field, AvroRecord record) =>
        record.Name is "PersonName" or "Switchable_PersonName" || LeafDoc.TypeOf(field.Doc) is "PersonName" or "Switchable_PersonName";

    /// <summary>
    /// The part's own API name: <c>BillingAddress.Street</c> is BillingStreet, Lead's <c>Address.Street</c> is Street, <c>LastKnownLocation.Latitude</c> is
    /// LastKnownLatitude, <c>Loc__c.Latitude</c> is Loc__Latitude__s, a person's <c>Name.FirstName</c> is FirstName. Null for what only events know.
    /// </summary>
    public static string? ApiNameOf(string compound, string part, bool personName)
    {
        if (part is "Xyz" or "XyzEncoded") return null;
        if (personName) return part;
        if (compound.EndsWith("__c", StringComparison.Ordinal)) return $"{compound[..^3]}__{part}__s";
        return WithoutEnd(WithoutEnd(compound, "Address"), "Location") + part;
    }

    /// <summary>What the parts of a field are called, were it a compound; compared without case.</summary>
    public static IEnumerable<string> PartsOf(string field)
    {
        if (field.Equals("Name", StringComparison.OrdinalIgnoreCase)) return PartsOfNames;
        var places = PartsOfPlaces.Where(part => part is not ("Xyz" or "XyzEncoded"));
        if (field.EndsWith("__c", StringComparison.OrdinalIgnoreCase)) return places.Select(part => $"{field[..^3]}__{part}__s");
        return new[] { "Address", "Location" }.Where(end => field.EndsWith(end, StringComparison.OrdinalIgnoreCase)).SelectMany(end => places.Select(part => field[..^end.Length] + part));
    }

    public static NameRole RoleOf(string part) => part switch
    {
        "Salutation" => NameRole.Salutation,
        "FirstName" => NameRole.FirstName,
        "MiddleName" => NameRole.MiddleName,
        "LastName" => NameRole.LastName,
        "Suffix" => NameRole.Suffix,
        _ => NameRole.Other,
    };

    private static string WithoutEnd(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;
}
