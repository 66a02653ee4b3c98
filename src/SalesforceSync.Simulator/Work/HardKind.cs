namespace SalesforceSync.Simulator.Work;

/// <summary>What a copy survives only by more than applying events in order.</summary>
public enum HardKind
{
    /// <summary>A long text changes in a few lines, and the event says which.</summary>
    TextDifference,

    /// <summary>A record is hard deleted, or leaves the recycle bin: no event.</summary>
    HardDelete,

    /// <summary>Records become one, with or without events for their children.</summary>
    Merge,

    /// <summary>A gap event of any kind, for several records, with or without a key of its own.</summary>
    MergedGap,

    /// <summary>Most changes of a transaction stand behind one overflow event for each object.</summary>
    Overflow,

    /// <summary>Changes whose events are never delivered, some of which move no stamp.</summary>
    LostEvents,

    /// <summary>A transaction that began minutes ago.</summary>
    LateStamp,

    /// <summary>Events that come later than the change.</summary>
    LateArrival,

    /// <summary>A number with more digits than the stream can carry.</summary>
    ExactNumber,

    /// <summary>A new field.</summary>
    AddField,

    /// <summary>A field goes.</summary>
    RemoveField,

    /// <summary>A field changes its type and keeps what the new type can hold.</summary>
    ChangeType,

    /// <summary>A field changes its type and loses its values, of which a wildcard event tells.</summary>
    Wildcard,

    /// <summary>A field goes and another of the same name comes.</summary>
    RecreateField
}

/// <summary>Of a thousand transactions, how many are of each kind; the rest are ordinary.</summary>
public sealed record HardWeights
{
    public int TextDifference { get; init; }

    public int HardDelete { get; init; }

    public int Merge { get; init; }

    public int MergedGap { get; init; }

    public int Overflow { get; init; }

    public int LostEvents { get; init; }

    public int LateStamp { get; init; }

    public int LateArrival { get; init; }

    public int ExactNumber { get; init; }

    public int AddField { get; init; }

    public int RemoveField { get; init; }

    public int ChangeType { get; init; }

    public int Wildcard { get; init; }

    public int RecreateField { get; init; }

    /// <summary>Some of everything.</summary>
    public static HardWeights Everything { get; } = new()
    {
        TextDifference = 80,
        HardDelete = 25,
        Merge = 20,
        MergedGap = 20,
        Overflow = 4,
        LostEvents = 20,
        LateStamp = 20,
        LateArrival = 15,
        ExactNumber = 15,
        AddField = 4,
        RemoveField = 2,
        ChangeType = 3,
        Wildcard = 2,
        RecreateField = 2
    };

    /// <summary>In the order of the kinds.</summary>
    internal IReadOnlyList<int> ByKind()
        => [TextDifference, HardDelete, Merge, MergedGap, Overflow, LostEvents, LateStamp, LateArrival, ExactNumber, AddField, RemoveField, ChangeType, Wildcard, RecreateField];
}
