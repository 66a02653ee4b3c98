namespace SalesforceSync.Decode;

internal enum StepKind
{
    /// <summary>Begins a compound: nothing on the wire but its union's branch.</summary>
    Enter,

    /// <summary>Reads a union's branch and goes on at its target.</summary>
    Choose,

    /// <summary>Leaves a branch of <see cref="Choose"/>.</summary>
    Jump,

    /// <summary>A null: no bytes, no value.</summary>
    Nothing,
    Boolean,
    Integer,
    Float,
    Double,
    Text,
    Bytes,
    Fixed,
    Decimal,
    Enum,
    TextList,
    Json,
}

/// <summary>One step of a body's plan: read this, go there. A union of null and one type is folded into the step of that type.</summary>
internal readonly record struct BodyStep(StepKind Kind)
{
    /// <summary>The leaf whose value is read; null for steps that only steer.</summary>
    public LeafField? Leaf { get; init; }

    /// <summary>What the leaf is on the wire.</summary>
    public AvroType? Type { get; init; }

    public TimeUnit Unit { get; init; }

    /// <summary>Which branch of the union of two means null; -1 when this step begins with no such union.</summary>
    public int NullBranch { get; init; } = -1;

    /// <summary>Where a null, or a jump, goes on.</summary>
    public int Next { get; init; }

    /// <summary>First step of each branch.</summary>
    public int[] Targets { get; init; } = [];
}
