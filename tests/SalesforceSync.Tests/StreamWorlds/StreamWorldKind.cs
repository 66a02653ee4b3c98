namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>What may go wrong in a stream world.</summary>
[Flags]
internal enum StreamTrouble
{
    None = 0,

    /// <summary>The call ends, anywhere.</summary>
    Cuts = 1,

    /// <summary>The program is gone, anywhere.</summary>
    Crashes = 2,

    /// <summary>The outcome of a commit is not known.</summary>
    UnknownCommits = 4,

    /// <summary>Commits fail.</summary>
    FailedCommits = 8,

    /// <summary>Ids become void though the events are kept.</summary>
    VoidPositions = 16,

    /// <summary>Events are forgotten before they were received.</summary>
    Expiry = 32,

    /// <summary>Another program takes the org over while the one before is paused, and that one goes on.</summary>
    TakeOvers = 64,

    /// <summary>The stream stalls in the middle of a transaction, longer than the quiet period.</summary>
    Stalls = 128,

    /// <summary>All of it.</summary>
    All = 255,
}

/// <summary>One stream world: its seed decides what happens, how often, and what may go wrong; the rest is given to make a failing one smaller.</summary>
/// <param name="Transactions">How many the org commits.</param>
/// <param name="Troubles">Those that come only where the seed has them too.</param>
internal sealed record StreamWorldKind(int Seed, int Transactions = StreamWorldKind.Usual, StreamTrouble Troubles = StreamTrouble.All)
{
    public const int Usual = 60;

    /// <summary>What the seed has of troubles: each with even chance, so that every pair of them meets and every world can be told from others.</summary>
    public StreamTrouble Has => Troubles & (StreamTrouble)new Random(Seed ^ 0x5EED).Next((int)StreamTrouble.All + 1);

    /// <summary>Of a hundred commits so many go wrong.</summary>
    public int Strength => 1 + (Seed % 7 * 3);

    /// <summary>Of three lost positions so many go on with the next event.</summary>
    public int Skips => Seed % 4;

    /// <summary>The stream begins with what is kept; else with the next event, as beside a snapshot.</summary>
    public bool BeginsEarliest => Seed % 2 == 0;

    /// <summary>The channel adds fields.</summary>
    public bool IsEnriched => Seed % 3 == 0;

    /// <summary>Most events of a response.</summary>
    public int MostAtOnce => (Seed % 5) switch { 0 => 1, 1 => 3, 2 => 10, _ => 40 };

    /// <summary>Apply falls far behind.</summary>
    public bool IsSlow => Seed % 4 == 0;

    public override string ToString() => this is { Transactions: Usual, Troubles: StreamTrouble.All } ? $"{Seed}" : $"{Seed}:{Transactions}:{(int)Troubles}";
}
