namespace SalesforceSync.Decode;

/// <summary>
/// Merges the flags of the bitmaps with the values as they come: values that are not wanted are dropped, flagged leaves that get no value are written as null,
/// all in schema order.
/// </summary>
internal struct WriteCollector
{
    private readonly LeafField[] _leaves;
    private readonly LeafSet _wanted;
    private readonly LeafSet _flagged;
    private readonly LeafSet _diffs;
    private readonly List<FieldWrite> _writes;
    private List<LeafField>? _substituted;
    private int _next;

    /// <param name="wanted">Leaves whose value, if there is one, is written.</param>
    /// <param name="flagged">Leaves that are written in any case, as null when there is no wanted value; empty for a full record.</param>
    /// <param name="diffs">Leaves whose value is a diff.</param>
    /// <param name="expected">How many writes to make room for.</param>
    public WriteCollector(LeafField[] leaves, LeafSet wanted, LeafSet flagged, LeafSet diffs, int expected)
    {
        _leaves = leaves;
        _wanted = wanted;
        _flagged = flagged;
        _diffs = diffs;
        _writes = new List<FieldWrite>(expected);
        _next = flagged.Next(0);
    }

    public readonly int Count => _writes.Count;

    /// <summary>True when the leaf's value will be used, and must therefore be one that can be.</summary>
    public readonly bool Wants(LeafField leaf) => _wanted.Has(leaf.Ordinal);

    /// <summary>Takes the value of a wanted leaf; leaves come in ascending order.</summary>
    public void Add(LeafField leaf, FieldValue value, bool substituted = false)
    {
        FillNullsUpTo(leaf.Ordinal);
        _writes.Add(new FieldWrite(leaf, value, _diffs.Has(leaf.Ordinal)));
        if (substituted) (_substituted ??= []).Add(leaf);
        if (_next == leaf.Ordinal) _next = _flagged.Next(_next + 1);
    }

    /// <summary>Ends the event: what is flagged and has had no value is null.</summary>
    public ChangeEvent Finish(ChangeEventHeader header, EventSchema schema)
    {
        FillNullsUpTo(_leaves.Length);
        var decoded = new ChangeEvent(header, schema, _writes);
        return _substituted is null ? decoded : decoded with { Substituted = _substituted };
    }

    private void FillNullsUpTo(int end)
    {
        for (; _next >= 0 && _next < end; _next = _flagged.Next(_next + 1)) _writes.Add(new FieldWrite(_leaves[_next], FieldValue.Null));
    }
}
