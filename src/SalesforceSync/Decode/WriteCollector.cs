namespace SalesforceSync.Decode;

/// <summary>
/// Merges the flags of the bitmaps with the values as they come: values of leaves that are not wanted are dropped, wanted leaves that get no value are written
/// as null (unless the record is full, where that goes without saying), all in schema order.
/// </summary>
internal struct WriteCollector
{
    private readonly LeafField[] _leaves;
    private readonly LeafSet _wanted;
    private readonly LeafSet _nulled;
    private readonly LeafSet _diffs;
    private readonly bool _fillsNulls;
    private readonly List<FieldWrite> _writes;
    private List<LeafField>? _substituted;
    private int _next;

    public WriteCollector(LeafField[] leaves, LeafSet wanted, LeafSet nulled, LeafSet diffs, bool fillsNulls)
    {
        _leaves = leaves;
        _wanted = wanted;
        _nulled = nulled;
        _diffs = diffs;
        _fillsNulls = fillsNulls;
        _writes = fillsNulls ? new List<FieldWrite>(wanted.Count()) : [];
    }

    /// <summary>True when the leaf's value will be used, and must therefore be one that can be.</summary>
    public readonly bool Wants(LeafField leaf) => _wanted.Has(leaf.Ordinal) && !_nulled.Has(leaf.Ordinal);

    /// <summary>Takes the value of a wanted leaf; leaves come in ascending order.</summary>
    public void Add(LeafField leaf, FieldValue value, bool substituted = false)
    {
        FillNullsUpTo(leaf.Ordinal);
        _writes.Add(new FieldWrite(leaf, value, _diffs.Has(leaf.Ordinal)));
        if (substituted) (_substituted ??= []).Add(leaf);
        _next = leaf.Ordinal + 1;
    }

    /// <summary>Ends the event: what is wanted and has had no value is null.</summary>
    public ChangeEvent Finish(ChangeEventHeader header, EventSchema schema)
    {
        FillNullsUpTo(_leaves.Length);
        var decoded = new ChangeEvent(header, schema, _writes);
        return _substituted is null ? decoded : decoded with { Substituted = _substituted };
    }

    private void FillNullsUpTo(int end)
    {
        if (!_fillsNulls) return;
        for (var leaf = _wanted.Next(_next); leaf >= 0 && leaf < end; leaf = _wanted.Next(leaf + 1)) _writes.Add(new FieldWrite(_leaves[leaf], FieldValue.Null));
        _next = end;
    }
}
