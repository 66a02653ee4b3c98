using SalesforceSync.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Proof;

/// <summary>Everything that befalls a database server, on a durable one of its own: power failures, processes that are killed, sessions that are ended.</summary>
public sealed class PowerPart
{
    private const string Faults = "faults of the database";
    private const string Stops = "immediate stops";
    private const string Servers = "postmasters killed";
    private const string Backends = "backends killed";
    private const string Sessions = "ends of all sessions";
    private const int Lanes = 2;
    private const int Times = 4;
    private const int Transactions = 1_200;

    private static readonly (DatabaseFault Fault, string Count)[] Kinds =
        [(DatabaseFault.ServerKilled, Servers), (DatabaseFault.SessionKilled, Backends), (DatabaseFault.SessionsEnded, Sessions)];

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Power)]
    public Task A_database_that_fails_loses_no_change() => new ProofPart(ProofOrder.Given!, ProofParts.Power, Faults, Stops, Servers, Backends, Sessions) { Lanes = Lanes }.RunAsync(async round =>
    {
        var kind = (round.Seed - 1) % (Kinds.Length + 1);
        if (kind == Kinds.Length)
        {
            var isDurable = round.Counted(Stops) % 2 == 0;
            var stops = await PowerFailureTests.FailAsync(isDurable, round.Seed);
            round.Count(Stops, stops);
            round.Count(Faults, stops);
            round.Window(isDurable ? "with durable commits" : "with the end of the log lost", stops);
            return;
        }
        await using var postgres = await LocalPostgres.StartAsync(new(), TimeProvider.System, CancellationToken.None);
        round.Count("transactions", await DatabaseFaultRun.LiveAsync(Kinds[kind].Fault, round.Seed, Times, Transactions, postgres));
        round.Count(Kinds[kind].Count, Times);
        round.Count(Faults, Times);
    });
}
