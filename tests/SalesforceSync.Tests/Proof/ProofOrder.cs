using System.Globalization;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Proof;

/// <summary>What script/proof asks a part for.</summary>
/// <param name="Folder">Where the records of all parts of this commit lie.</param>
/// <param name="Commit">What is proven; records of another commit do not count.</param>
/// <param name="Share">How long a part may begin new rounds.</param>
/// <param name="FirstSeed">The seed of the first round; null to go on where the record stands.</param>
internal sealed record ProofOrder(string Folder, string Commit, TimeSpan Share, int? FirstSeed)
{
    /// <summary>Nobody else uses the server of the tests: what a round leaves there can go.</summary>
    public bool IsAlone { get; private init; }

    /// <summary>Null where nobody asks: the parts are no tests then.</summary>
    public static ProofOrder? Given { get; } = Read();

    private static ProofOrder? Read()
    {
        if (Environment.GetEnvironmentVariable("SYNC_PROOF") is not { Length: > 0 } commit)
            return null;
        var seconds = double.Parse(Environment.GetEnvironmentVariable("SYNC_PROOF_SECONDS") ?? "60", CultureInfo.InvariantCulture);
        var seed = Environment.GetEnvironmentVariable("SYNC_PROOF_SEED") is { Length: > 0 } first ? int.Parse(first, CultureInfo.InvariantCulture) : (int?)null;
        var folder = Environment.GetEnvironmentVariable("SYNC_PROOF_RECORDS") is { Length: > 0 } given ? given : Path.Combine(Repository.Root, "artifacts", "proof", commit);
        return new(folder, commit, TimeSpan.FromSeconds(seconds), seed) { IsAlone = true };
    }
}
