using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Proof;

/// <summary>
/// Runs a part: rounds with ascending seeds until its time is over, at least one, in as many lanes as it bears. A round that throws is a violation, and the next
/// one goes on. In the end a part fails for what it ever found, and for what had to happen and did not.
/// </summary>
internal sealed class ProofPart(ProofOrder order, string name, string trial, params string[] required)
{
    /// <summary>Rounds of a lane after which all wait for each other, and what they left on the server is cleared away.</summary>
    private const int Stretch = 8;

    /// <summary>How many trials there can be; null where there is no end of them.</summary>
    public int? OutOf { get; init; }

    /// <summary>Rounds at a time.</summary>
    public int Lanes { get; init; } = 1;

    public async Task<PartRecord> RunAsync(Func<ProofRound, Task> round)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        bool IsOver() => time.GetElapsedTime(began) > order.Share;
        var record = PartRecord.Open(order, name, trial, time.GetUtcNow());
        record.Required.UnionWith(required);
        record.OutOf = OutOf;
        record.Machines.Add(Machine.Name);
        var before = record.Seconds;
        var isLast = false;
        async Task LaneAsync()
        {
            for (var rounds = 0; rounds < Stretch; rounds++)
            {
                isLast |= (await OneAsync(record, round, IsOver, () => before + time.GetElapsedTime(began).TotalSeconds)).IsLast;
                if (IsOver() || isLast) return;
            }
        }
        do
        {
            await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => LaneAsync()));
            if (order.IsAlone) await PostgresFixture.DropDatabasesAsync();
        }
        while (!IsOver() && !isLast);
        if (record.Violations.Count > 0)
            throw new InvalidOperationException(string.Join('\n', record.Violations.Select(v => $"{name}, seed {v.Seed}: {v.Message}")));
        if (record.NeverHappened.Any())
            throw new InvalidOperationException($"{name} has proven nothing, for these never happened: {string.Join(", ", record.NeverHappened)}");
        return record;
    }

    private async Task<ProofRound> OneAsync(PartRecord record, Func<ProofRound, Task> round, Func<bool> isOver, Func<double> seconds)
    {
        // A lane of its own, also where a round waits for nothing.
        await Task.Yield();
        ProofRound next;
        lock (record) next = new ProofRound(record, isOver, record.NextSeed++);
        try
        {
            await round(next);
        }
        catch (Exception failure)
        {
            next.Violated(next.Seed, failure.ToString());
        }
        lock (record)
        {
            record.NextSeed += next.Seeds - 1;
            record.Rounds++;
            record.Seconds = Math.Round(seconds(), 1);
            record.Ended = TimeProvider.System.GetUtcNow();
            record.Save(order.Folder);
        }
        return next;
    }
}
