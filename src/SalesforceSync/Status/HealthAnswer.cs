namespace SalesforceSync.Status;

/// <summary>What a health route says: 200 when there is nothing against it, else 503; the reasons are for people either way.</summary>
/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
internal sealed record HealthAnswer(string Status, IReadOnlyList<string> Reasons)
{
    public bool IsOk => Status == "ok";

    /// <param name="remarks">Shown, but no reason to fail.</param>
    public static HealthAnswer Of(IReadOnlyList<string> failures, IReadOnlyList<string> remarks) =>
        new(failures.Count == 0 ? "ok" : "failing", [.. failures, .. remarks]);
}
