using System.Globalization;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>Adds, converts, replaces and removes fields of its own; the fields of a new org stay as they are.</summary>
internal sealed class FieldDrift(SimulatedOrg org, Random random, IReadOnlyList<string> objects)
{
    private const int MostFields = 40;

    private static readonly FieldKind[] Kinds =
        [FieldKind.Text, FieldKind.Integer, FieldKind.Double, FieldKind.Boolean, FieldKind.DateOnly, FieldKind.DynamicEnum, FieldKind.Currency, FieldKind.DateTime];

    private readonly List<(string Object, string Field)> _own = [];
    private int _added;

    /// <summary>What it added is there, or false when it has added as much as it may.</summary>
    public bool Write(HardKind kind) => kind switch
    {
        HardKind.AddField => Add(),
        HardKind.RemoveField => Remove(),
        HardKind.RecreateField => Recreate(),
        HardKind.ChangeType => Convert(Keeping),
        HardKind.Wildcard => Convert(Losing),
        _ => throw new InvalidOperationException($"{kind} is no act on fields")
    };

    private bool Add()
    {
        if (_added >= MostFields) return false;
        var target = objects[random.Next(objects.Count)];
        var kind = Kinds[_added % Kinds.Length];
        var name = string.Create(CultureInfo.InvariantCulture, $"Drift_{++_added}__c");
        var field = new SimulatedField(name, kind) { FieldId = FieldList.FieldIdOf("D", _added), Choices = kind == FieldKind.DynamicEnum ? ["one", "two", "drei"] : [] };
        org.Setup.AddField(target, field, kind == FieldKind.Boolean ? false : null);
        _own.Add((target, name));
        return true;
    }

    private bool Remove()
    {
        if (Any() is not { } own) return Add();
        org.Setup.RemoveField(own.Object, own.Field);
        _own.Remove(own);
        return true;
    }

    private bool Recreate()
    {
        if (Any() is not { } own) return Add();
        org.Setup.Recreate(own.Object, own.Field, random.Next(2) == 0 ? null : Kinds[random.Next(Kinds.Length)]);
        return true;
    }

    private bool Convert(Func<FieldKind, (FieldKind To, Announcement How)?> rule)
    {
        var possible = _own.Where(own => rule(org[own.Object].FindField(own.Field)!.Kind) is not null).ToArray();
        if (possible.Length == 0) return Add();
        var (name, field) = possible[random.Next(possible.Length)];
        var (to, how) = rule(org[name].FindField(field)!.Kind)!.Value;
        org.Setup.ChangeType(name, field, to, how, to == FieldKind.StringPlusClob ? 32_000 : 255);
        return true;
    }

    private static (FieldKind, Announcement)? Keeping(FieldKind kind) => kind switch
    {
        FieldKind.Integer => (FieldKind.Double, Announcement.None),
        FieldKind.Double or FieldKind.Currency => (FieldKind.Text, Announcement.None),
        FieldKind.Text => (FieldKind.StringPlusClob, Announcement.None),
        FieldKind.DynamicEnum => (FieldKind.MultiEnum, Announcement.Gaps),
        FieldKind.DateOnly => (FieldKind.DateTime, Announcement.None),
        _ => null
    };

    private static (FieldKind, Announcement)? Losing(FieldKind kind) => kind switch
    {
        FieldKind.Text => (FieldKind.Double, Announcement.Wildcard),
        FieldKind.DateTime => (FieldKind.DateOnly, Announcement.Wildcard),
        FieldKind.DynamicEnum => (FieldKind.Boolean, Announcement.Gaps),
        FieldKind.Double or FieldKind.Currency => (FieldKind.DateOnly, Announcement.Wildcard),
        _ => null
    };

    private (string Object, string Field)? Any() => _own.Count == 0 ? null : _own[random.Next(_own.Count)];
}
