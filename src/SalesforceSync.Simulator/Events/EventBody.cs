using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Events;

/// <summary>What the body of an event shows, and what its bitmaps say of it.</summary>
/// <param name="Shown">The value of a leaf as it goes into the body; null for none.</param>
internal sealed record EventBody(Func<Leaf, object?> Shown)
{
    private static readonly IReadOnlySet<int> None = new HashSet<int>();

    /// <summary>Indices of the leaves that changed.</summary>
    public IReadOnlySet<int> Changed { get; init; } = None;

    /// <summary>Those of them that are empty now.</summary>
    public IReadOnlySet<int> Nulled { get; init; } = None;

    /// <summary>Those whose value is shown as a difference to the one before.</summary>
    public IReadOnlySet<int> Differences { get; init; } = None;

    /// <summary>See <see cref="FieldBitmap.Spell"/>.</summary>
    public bool WholeCompounds { get; init; }

    /// <summary>DELETE and all GAP events: no field at all.</summary>
    public static EventBody Empty { get; } = new(_ => null);

    /// <summary>CREATE and UNDELETE: every field as it stands.</summary>
    /// <param name="hidden">Leaves that field-level security hides from the user.</param>
    public static EventBody Full(RecordValues values, IReadOnlySet<int> hidden) => new(leaf => hidden.Contains(leaf.Index) ? null : values[leaf]);

    /// <summary>UPDATE: what changed, everything else null.</summary>
    /// <param name="values">As they are now; they are looked up while this lives.</param>
    /// <param name="differences">Texts that go as differences, by leaf.</param>
    public static EventBody Changes(
        RecordValues values, IReadOnlySet<int> changed, IReadOnlyDictionary<int, string> differences, bool wholeCompounds, IReadOnlySet<int> hidden)
    {
        var seen = hidden.Count == 0 ? changed : changed.Where(index => !hidden.Contains(index)).ToHashSet();
        return new EventBody(leaf => !seen.Contains(leaf.Index) ? null : differences.TryGetValue(leaf.Index, out var text) ? text : values[leaf])
        {
            Changed = seen,
            Nulled = seen.Where(index => values[index] is null).ToHashSet(),
            Differences = differences.Keys.Where(seen.Contains).ToHashSet(),
            WholeCompounds = wholeCompounds
        };
    }
}
