using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Proof;

/// <summary>
/// Runs a part: rounds with ascending seeds until its time is over, at least one. A round that throws is a violation, and the next one goes on. In the end a
/// part fails for what it ever found, and for what had to happen and did not.
/// </summary>
internal sealed class ProofPart(ProofOrder order, string name, string trial, params string[] required)
{
    private const int MostOfAMessage = 2_000;

    /// <summary>How many trials there can be; null where there is no end of them.</summary>
    public int? OutOf { get; init; }

    public async Task<PartRecord> RunAsync(Func<ProofRound, Task> round)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        bool IsOver() => time.GetElapsedTime(began) > order.Share;
        var record = PartRecord.Open(order, name, trial, time.GetUtcNow());
        record.Required.UnionWith(required);
        (record.Machine, record.OutOf) = (Machine.Name, OutOf);
        ProofRound next;
        do
        {
            var start = time.GetTimestamp();
            next = new ProofRound(record, IsOver);
            try
            {
                await round(next);
            }
            catch (Exception failure)
            {
                next.Violated(next.Seed, failure.ToString() is { Length: > MostOfAMessage } text ? text[..MostOfAMessage] : failure.ToString());
            }
            record.NextSeed += next.Seeds;
            record.Rounds++;
            record.Seconds = Math.Round(record.Seconds + time.GetElapsedTime(start).TotalSeconds, 1);
            record.Ended = time.GetUtcNow();
            record.Save(order.Folder);
            if (order.IsAlone) await PostgresFixture.DropDatabasesAsync();
        }
        while (!IsOver() && !next.IsLast);
        if (record.Violations.Count > 0)
            throw new InvalidOperationException(string.Join('\n', record.Violations.Select(v => $"{name}, seed {v.Seed}: {v.Message}")));
        if (record.NeverHappened.Any())
            throw new InvalidOperationException($"{name} has proven nothing, for these never happened: {string.Join(", ", record.NeverHappened)}");
        return record;
    }
}
