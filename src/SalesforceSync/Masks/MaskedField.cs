using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>One field of an event's body, and what of it is taken out. Immutable.</summary>
internal sealed class MaskedField
{
    private readonly AvroField _field;
    private readonly int? _leaf;
    private readonly int?[] _parts;
    private readonly AvroRecord? _compound;

    private MaskedField(AvroField field, int? leaf, AvroRecord? compound, int?[] parts) => (_field, _leaf, _compound, _parts) = (field, leaf, compound, parts);

    private bool IsMasked => _leaf is not null || _parts.Any(part => part is not null);

    /// <param name="isMasked">By the leaf's ordinal.</param>
    public static MaskedField Of(AvroField field, IReadOnlyList<LeafField> leaves, Func<int, bool> isMasked)
    {
        int? Masked(string path) => leaves.FirstOrDefault(leaf => leaf.Path == path) is { } leaf && isMasked(leaf.Ordinal) ? leaf.Ordinal : null;
        var isCompound = leaves.Any(leaf => leaf.Compound == field.Name);
        var record = !isCompound ? null : field.Type as AvroRecord ?? ((AvroUnion)field.Type).Branches.OfType<AvroRecord>().First();
        return new(field, Masked(field.Name), record, record is null ? [] : [.. record.Fields.Select(part => Masked($"{field.Name}.{part.Name}"))]);
    }

    /// <summary>The field as it is kept.</summary>
    public AvroField Derived(AvroUnion text)
    {
        if (!IsMasked) return _field;
        var doc = _leaf is null ? _field.Doc : LeafDoc.Mask(_field.Doc);
        if (_compound is null) return new(_field.Name, text, doc);
        var compound = new AvroRecord(
            _compound.Name, [.. _compound.Fields.Select((part, i) => _parts[i] is null ? part : new AvroField(part.Name, text, LeafDoc.Mask(part.Doc)))]);
        return new(_field.Name, _field.Type is AvroUnion union ? new AvroUnion([.. union.Branches.Select(b => ReferenceEquals(b, _compound) ? compound : b)]) : compound, doc);
    }

    /// <summary>Passes over the field and replaces what is masked.</summary>
    /// <param name="texts">By the leaf's ordinal: what stands in the place of a value; null stands for what is not there.</param>
    public void Splice(ref AvroReader reader, PayloadSplice splice, IReadOnlyDictionary<int, ReadOnlyMemory<byte>> texts)
    {
        var start = reader.Position;
        if (!IsMasked)
            AvroWalk.Skip(ref reader, _field.Type);
        else if (_compound is null)
            Replace(ref reader, _field.Type, _leaf!.Value, splice, texts);
        else if (_field.Type is not AvroUnion union)
            SpliceParts(ref reader, splice, texts);
        else if (union.Branches[reader.ReadIndex(union.Branches.Count, "branch")] is var branch && ReferenceEquals(branch, _compound))
            SpliceParts(ref reader, splice, texts);
        else
            SpliceWhole(ref reader, union, branch, start, splice, texts);
    }

    private void SpliceParts(ref AvroReader reader, PayloadSplice splice, IReadOnlyDictionary<int, ReadOnlyMemory<byte>> texts)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            if (_parts[i] is { } leaf) Replace(ref reader, _compound!.Fields[i].Type, leaf, splice, texts);
            else AvroWalk.Skip(ref reader, _compound!.Fields[i].Type);
        }
    }

    /// <summary>The name of a business, where that of a person could stand: its union stays, so that the person's parts keep their places.</summary>
    private void SpliceWhole(
        ref AvroReader reader, AvroUnion union, AvroType branch, int start, PayloadSplice splice, IReadOnlyDictionary<int, ReadOnlyMemory<byte>> texts)
    {
        AvroWalk.Skip(ref reader, branch);
        if (_leaf is not { } leaf || branch is not AvroPrimitive { Kind: AvroKind.String }) return;
        var branches = union.Branches.ToList();
        var nothing = branches.FindIndex(b => b is AvroPrimitive { Kind: AvroKind.Null });
        if (texts.TryGetValue(leaf, out var text)) splice.Replace(start, reader.Position, branches.IndexOf(branch), text);
        else if (nothing >= 0) splice.Replace(start, reader.Position, nothing, null);
        else splice.Replace(start, reader.Position, branches.IndexOf(branch), ReadOnlyMemory<byte>.Empty);
    }

    private static void Replace(ref AvroReader reader, AvroType type, int leaf, PayloadSplice splice, IReadOnlyDictionary<int, ReadOnlyMemory<byte>> texts)
    {
        var start = reader.Position;
        AvroWalk.Skip(ref reader, type);
        splice.Replace(start, reader.Position, texts.TryGetValue(leaf, out var text) ? text : (ReadOnlyMemory<byte>?)null);
    }
}
