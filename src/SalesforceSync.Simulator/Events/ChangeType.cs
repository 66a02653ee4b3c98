namespace SalesforceSync.Simulator.Events;

/// <summary>The change types of the header, in the order of the schema's symbols.</summary>
internal static class ChangeType
{
    public const int Create = 0;
    public const int Update = 1;
    public const int Delete = 2;
    public const int Undelete = 3;
    public const int GapCreate = 4;
    public const int GapUpdate = 5;
    public const int GapDelete = 6;
    public const int GapUndelete = 7;
    public const int GapOverflow = 8;

    public static IReadOnlyList<string> Symbols { get; } =
        ["CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"];
}
