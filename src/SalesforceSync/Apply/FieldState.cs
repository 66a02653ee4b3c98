namespace SalesforceSync.Apply;

/// <summary>What becomes of a field's values.</summary>
internal enum FieldState
{
    Written,

    /// <summary>Its column keeps what it has: the field became another and may not be followed.</summary>
    Frozen,

    /// <summary>Another column holds the field now; this one keeps what it had.</summary>
    Replaced,

    /// <summary>The table has no room for its column.</summary>
    NoRoom,
}

/// <summary>The words of <c>salesforce_sync.field</c>.</summary>
internal static class FieldStates
{
    public static string Name(this FieldState state) => state switch
    {
        FieldState.Written => "written",
        FieldState.Frozen => "frozen",
        FieldState.Replaced => "replaced",
        FieldState.NoRoom => "no_room",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static FieldState Of(string name) => name switch
    {
        "written" => FieldState.Written,
        "frozen" => FieldState.Frozen,
        "replaced" => FieldState.Replaced,
        "no_room" => FieldState.NoRoom,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
