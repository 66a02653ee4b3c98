using SalesforceSync.Configuration;

namespace SalesforceSync.Masks;

/// <summary>The masks of an org's objects. Immutable.</summary>
internal sealed class OrgMasks
{
    public static readonly OrgMasks None = new(new Dictionary<string, ObjectMask>());

    private readonly Dictionary<string, ObjectMask> _objects;

    public OrgMasks(IReadOnlyDictionary<string, ObjectMask> objects) => _objects = new(objects, StringComparer.OrdinalIgnoreCase);

    /// <summary>As configured.</summary>
    public static OrgMasks Of(OrgOptions org) => new(org.Objects.Named
        .Select(o => (o.Key, Mask: ObjectMask.Of(org, o.Key))).Where(o => o.Mask is not null).ToDictionary(o => o.Key, o => o.Mask!, StringComparer.OrdinalIgnoreCase));

    /// <summary>Some field of some object has one: of what cannot be read nothing is kept.</summary>
    public bool Any => _objects.Count > 0;

    public ObjectMask? For(string objectName) => _objects.GetValueOrDefault(objectName);
}
