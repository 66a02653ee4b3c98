using System.Text;
using System.Xml;
using System.Xml.Linq;
using SalesforceSync.Configuration;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Cli.Checks;

/// <summary>
/// What an administrator deploys so that the integration user sees everything that is copied and its changes come: a permission set, the channels' members,
/// and the list of both (Metadata API: PermissionSet, PlatformEventChannelMember, package.xml). Pure.
/// </summary>
internal static class MetadataFiles
{
    private const string PermissionSet = "SalesforceSync";

    private static readonly XNamespace Metadata = "http://soap.sforce.com/2006/04/metadata";

    /// <summary>Objects whose records no permission on the object alone shows whole (Change Data Capture Developer Guide, "Required Permissions").</summary>
    private static readonly Dictionary<string, string> UserPermissions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["User"] = "ViewAllUsers",
        ["Task"] = "ViewAllData",
        ["Event"] = "ViewAllData",
    };

    /// <summary>Paths below the folder, and what stands in them.</summary>
    public static IReadOnlyList<(string Path, XDocument Content)> Of(OrgOptions org, IReadOnlyList<CheckedObject> objects)
    {
        var sorted = objects.OrderBy(o => o.Name, StringComparer.Ordinal).ToList();
        var members = sorted.Select(o => Member(org, o.Name)).DistinctBy(m => m.Name).ToList();
        return
        [
            ("package.xml", Document("Package",
                Types("PermissionSet", [PermissionSet]), Types("PlatformEventChannelMember", members.Select(m => m.Name)), Text("version", org.ApiVersion))),
            ($"permissionsets/{PermissionSet}.permissionset", Permissions(org, sorted)),
            .. members.Select(m => ($"platformEventChannelMembers/{m.Name}.platformEventChannelMember", m.Content)),
        ];
    }

    /// <summary>Writes the files; those of the same name are replaced.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static async Task WriteAsync(string folder, IReadOnlyList<(string Path, XDocument Content)> files, CancellationToken stop)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await using var stream = File.Create(full);
            await using var writer = XmlWriter.Create(stream, new() { Async = true, Indent = true, IndentChars = "    ", Encoding = new UTF8Encoding(false) });
            await content.SaveAsync(writer, stop);
        }
    }

    private static XDocument Permissions(OrgOptions org, IReadOnlyList<CheckedObject> objects)
    {
        var fields = objects.SelectMany(o => Fields(org, o).Select(f => $"{o.Name}.{f}")).Order(StringComparer.Ordinal);
        var user = objects.Select(o => UserPermissions.GetValueOrDefault(o.Name)).OfType<string>().Append("ApiEnabled").Append("ViewSetup").Distinct().Order(StringComparer.Ordinal);
        return Document("PermissionSet",
            [
                Text("description", "Lets SalesforceSync read everything it copies."),
                .. fields.Select(f => Element("fieldPermissions", Text("editable", "false"), Text("field", f), Text("readable", "true"))),
                Text("hasActivationRequired", "false"),
                Text("label", PermissionSet),
                .. objects.Where(o => !UserPermissions.ContainsKey(o.Name)).Select(o => Element("objectPermissions",
                    Text("allowCreate", "false"), Text("allowDelete", "false"), Text("allowEdit", "false"), Text("allowRead", "true"),
                    Text("modifyAllRecords", "false"), Text("object", o.Name), Text("viewAllRecords", "true"))),
                .. user.Select(p => Element("userPermissions", Text("enabled", "true"), Text("name", p))),
            ]);
    }

    /// <summary>
    /// The fields a permission can be given for. Salesforce refuses one for a field that everybody sees; describe does not tell which, so only custom fields
    /// that may be empty are named, and those that events carry and this user is not shown. Parts are seen with their compound.
    /// </summary>
    private static IEnumerable<string> Fields(OrgOptions org, CheckedObject one)
    {
        var options = org.Objects.For(one.Name);
        var described = one.Described?.Fields ?? [];
        var visible = described.Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var seen = described.Where(f => f is { Compound: null, Nillable: true } && IsCustom(f.Name)).Select(f => f.Name);
        var hidden = one.EventFields.Where(f => !visible.Contains(f) && !IsCustomPart(f));
        var compounds = one.EventFields.Where(f => !visible.Contains(f) && IsCustomPart(f)).Select(f => $"{f[..f.IndexOf("__", StringComparison.Ordinal)]}__c");
        return seen.Concat(hidden).Concat(compounds).Where(options.Copies).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsCustom(string field) => field.EndsWith("__c", StringComparison.OrdinalIgnoreCase);

    private static bool IsCustomPart(string field) => field.EndsWith("__s", StringComparison.OrdinalIgnoreCase) && field.IndexOf("__", StringComparison.Ordinal) > 0;

    private static (string Name, XDocument Content) Member(OrgOptions org, string objectName)
    {
        var several = org.Channels.FirstOrDefault(c => ChangeTopic.ObjectOfChannel(c) is null && !c.Equals(ChangeTopic.All, StringComparison.OrdinalIgnoreCase));
        var isAlone = org.Channels.Any(c => objectName.Equals(ChangeTopic.ObjectOfChannel(c), StringComparison.OrdinalIgnoreCase));
        // An object with a channel of its own is selected for the org's standard one.
        var channel = (isAlone || several is null ? ChangeTopic.All : several)["/data/".Length..];
        var entity = ChangeTopic.Of(objectName)["/data/".Length..];
        return (FileName($"{channel}_{entity}"), Document("PlatformEventChannelMember", Text("eventChannel", channel), Text("selectedEntity", entity)));
    }

    /// <summary>A developer name: letters, digits and single underscores. Names come from outside and must not lead out of the folder.</summary>
    private static string FileName(string name)
    {
        var safe = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
        while (safe.Contains("__", StringComparison.Ordinal))
            safe = safe.Replace("__", "_", StringComparison.Ordinal);
        return safe;
    }

    private static XElement Types(string name, IEnumerable<string> members) => Element("types", [.. members.Select(m => Text("members", m)), Text("name", name)]);

    private static XDocument Document(string root, params object[] content) => new(new XDeclaration("1.0", "UTF-8", null), new XElement(Metadata + root, content));

    private static XElement Element(string name, params object[] content) => new(Metadata + name, content);

    // What XML cannot hold at all must not make the file unreadable.
    private static XElement Text(string name, string value) => new(Metadata + name, new string([.. value.Select(c => XmlConvert.IsXmlChar(c) ? c : '\uFFFD')]));
}
