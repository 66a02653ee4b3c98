namespace SalesforceSync.Tests.Proof;

/// <summary>The parts of the long proof, as script/proof and docs/proof.md name them.</summary>
internal static class ProofParts
{
    public const string Trait = "Part";

    public const string StreamWorlds = "stream-worlds";
    public const string Worlds = "worlds";
    public const string Rules = "rules";
    public const string Kills = "kills";
    public const string CrashPoints = "crash-points";
    public const string TakeOvers = "takeovers";
    public const string Power = "power";
    public const string Calls = "calls";
    public const string Weather = "weather";
    public const string Soak = "soak";
    public const string Overload = "overload";
    public const string Fuzz = "fuzz";
    public const string Report = "report";

    /// <summary>In the order in which they are told.</summary>
    public static IReadOnlyList<string> All { get; } = [StreamWorlds, Worlds, Rules, Kills, CrashPoints, TakeOvers, Power, Calls, Weather, Soak, Overload, Fuzz];

    public static string WhatIsRun(string part) => part switch
    {
        StreamWorlds => "random worlds of at least 60 transactions in memory, from the bus to whole transactions: what was published against what is stored and committed",
        Worlds => "random worlds of at least 60 transactions on a real Postgres, each compared with its org field by field",
        Rules => "rules left out one by one: a world has to find out",
        Kills => "SIGKILLs of the worker at random moments under load; lost, doubled, unordered and torn are looked for in a ledger that the database keeps",
        CrashPoints => "the worker dies by itself at each named place in turn, another one goes on",
        TakeOvers => "two or three workers: the owner of the org is killed, or paused past its lease",
        Power => "the database server: immediate stops, postmasters and backends killed, sessions ended, under load",
        Calls => "one scripted run for each of its calls to Postgres, REST, Bulk and gRPC: the call fails, before or after it is done, and the run comes to the truth",
        Weather => "ways to Postgres and to Salesforce that are slow, narrow, cut anywhere, or swallow everything",
        Soak => "one worker of 256 MB under 300 events a second and a fault every ten seconds; its memory and handles measured every second",
        Overload => "a backlog of a million events and a transaction of 100,000, a worker of 256 MB, and commits that take 200 ms",
        Fuzz => "mutilated bytes for the parsers: accepted, or refused as documented",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "is no part"),
    };
}
