using SalesforceSync.Simulator.Work;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Worlds;

/// <summary>What may happen in a world, by its seed: what the stream does not tell only a comparison can find, so that not every world may have it.</summary>
internal sealed record WorldKind(int Seed)
{
    /// <summary>Worlds that only chance makes.</summary>
    public const int Usual = 500;

    private static readonly int Scenes = Enum.GetValues<WorldScene>().Length;

    private static readonly string[] Others = ["Contact", "Invoice__c", "Contact", "Opportunity", "Contact", "Lead"];

    /// <summary>Changes whose events never come, some of which move no stamp: only reading everything finds them.</summary>
    public bool LosesEvents => Seed % 4 == 0;

    /// <summary>Records go, and objects are not visible for a while, without a word: a comparison finds what is missing.</summary>
    public bool NeedsSweep => Seed % 4 <= 1;

    /// <summary>All is compared in the end; where nothing needs it, in a quarter of the worlds.</summary>
    public bool EndsWithSweep => NeedsSweep || ReadsSince || Seed > Usual || Seed % 16 < 4;

    /// <summary>Fields are hidden, looked at, and shown again.</summary>
    public bool HidesFields => Seed % 4 == 2;

    /// <summary>Objects are left out of the configuration and taken in again.</summary>
    public bool Chooses => Seed % 5 == 0;

    /// <summary>What is played in the end; in worlds after the five hundredth.</summary>
    public WorldScene? Scene => Seed > Usual ? (WorldScene)(((3 * Round) + ((Seed - Usual - 1) % Scenes)) % Scenes) : null;

    /// <summary>Every round begins with another scene, so that each scene meets every kind of world.</summary>
    private int Round => (Seed - Usual - 1) / Scenes;

    /// <summary>After a lost position the stream goes on with the next event.</summary>
    public bool SkipsWhenLost => Seed % 6 >= 4;

    /// <summary>After a lost position only what changed since is read of objects with more records than this.</summary>
    public bool ReadsSince => Seed % 6 is 1 or 2;

    /// <summary>Changes that events tell of in the wrong order, or in parts.</summary>
    public bool HasTroubles => Seed % 4 >= 2;

    /// <summary>Two worlds of three have two objects only: what happens to one object is lived through more often so, and what happens between all of them still is.</summary>
    public IReadOnlyList<string> Objects => Seed % 9 < 3 ? WorkloadTransactions.ObjectNames : ["Account", Others[Seed / 9 % Others.Length]];

    public bool BeginsWithStream => Seed % 3 == 0;

    /// <summary>An object that Bulk refuses.</summary>
    public string? Refused => Seed % 7 == 3 ? "Contact" : null;

    /// <summary>Readings of many small parts, between which much can happen; in the other worlds they are of one or two.</summary>
    public bool ReadsInParts => Seed % 8 is 1 or 2 or 4 or 7;

    /// <summary>What a Bulk job hands out at once.</summary>
    public int PageRows => ReadsInParts ? 40 : 200;

    public SnapshotSizes Sizes => new(RowsPerPage: PageRows, RowsPerPart: ReadsInParts ? 15 : 100, PagesPerStep: 1, ManyRows: ReadsSince ? 10 : SnapshotSizes.UsualManyRows);
}
