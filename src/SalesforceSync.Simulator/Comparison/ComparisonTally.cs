namespace SalesforceSync.Simulator.Comparison;

/// <summary>Counts what was compared and keeps the first differences.</summary>
internal sealed class ComparisonTally(int describeAtMost)
{
    private readonly List<Difference> _described = [];
    private long _differences;

    public int Objects { get; set; }

    public long Records { get; set; }

    public long Fields { get; set; }

    public long Dirty { get; set; }

    public long Incomplete { get; set; }

    public long MissingTombstones { get; set; }

    public void Differs(string objectName, string id, string field, string? expected, string? found)
    {
        _differences++;
        if (_described.Count < describeAtMost) _described.Add(new Difference(objectName, id, field, expected, found));
    }

    public ComparisonResult Result() => new(Objects, Records, Fields, _differences, _described, Dirty, Incomplete) { MissingTombstones = MissingTombstones };
}
