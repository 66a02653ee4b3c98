using System.Globalization;
using SalesforceSync.Diagnostics;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Endurance;

/// <summary>How long, how busy, and with how little memory.</summary>
/// <param name="Duration">Of which the first quarter warms up: what is measured then says nothing of what lasts.</param>
internal sealed record SoakOrder(int Seed, TimeSpan Duration)
{
    /// <summary>Events per second.</summary>
    public double Rate { get; init; } = 300;

    /// <summary>What the worker gets from the system, in bytes: one byte more and it is killed.</summary>
    public long Memory { get; init; } = 256L << 20;

    /// <summary>What the worker's heap of objects gets of it, in bytes.</summary>
    public long Heap { get; init; } = 128L << 20;

    public TimeSpan FaultEvery { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a soak did and measured.</summary>
/// <param name="Faults">How often each fault came.</param>
/// <param name="Resident">The trend of the worker's resident memory after it was warm, in megabytes an hour.</param>
/// <param name="Handles">The trend of its open files and sockets, in handles an hour.</param>
/// <param name="PeakResident">In bytes.</param>
internal sealed record SoakResult(
    TimeSpan Took, long Events, long Effects, IReadOnlyDictionary<string, long> Faults, Trend Resident, Trend Handles, long PeakResident, long Killed, CopyFaults Copy)
{
    public double Rate => Events / Took.TotalSeconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {Took.TotalMinutes:0.0} minutes at {Rate:0} events/s, {Faults.Values.Sum()} faults: at most {PeakResident >> 20} MB resident, rising by {Resident.Slope:0.0} ± {Resident.HalfWidth:0.0} MB/h; handles rising by {Handles.Slope:0.0} ± {Handles.HalfWidth:0.0} an hour
        """);
}

/// <summary>One worker lives long with little memory, under load and faults that it survives, and is measured.</summary>
internal static class SoakRun
{
    private const double EventsPerTransaction = 2.4;
    private const string SessionsEnded = "sessions of the database ended";

    private const string EndSessions = """
        select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name = 'salesforce-sync'
        """;

    private static readonly FaultKind[] Kinds =
    [
        FaultKind.Drop, FaultKind.Reset, FaultKind.GoAway, FaultKind.CleanEnd, FaultKind.DuplicateBatch, FaultKind.ExpireTokens, FaultKind.RestUnavailable,
    ];

    public static async Task<SoakResult> LiveAsync(SoakOrder order)
    {
        var time = TimeProvider.System;
        using var group = MemoryGroup.Create(order.Memory);
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = order.Seed });
        var worker = await copy.StartWorkerAsync(Limits(group, order.Heap));
        var began = time.GetTimestamp();
        var (resident, handles) = (new List<(double, double)>(), new List<(double, double)>());
        var ended = 0L;
        await using (var beside = new TaskGroup(CancellationToken.None))
        {
            beside.Start("load", stop => copy.Load.RunAsync(long.MaxValue, order.Rate / EventsPerTransaction, () => long.MaxValue, stop));
            beside.Start("faults", async stop =>
            {
                var random = new Random(order.Seed);
                while (true)
                {
                    await Task.Delay(order.FaultEvery, time, stop);
                    var kind = random.Next(Kinds.Length + 1);
                    if (kind < Kinds.Length) copy.Simulated.Faults.Arm(Kinds[kind], new() { AfterEvents = random.Next(50) });
                    else ended += Math.Sign(await copy.CountAsync(EndSessions));
                }
            });
            for (TimeSpan at; (at = time.GetElapsedTime(began)) < order.Duration;)
            {
                await Task.Delay(order.MeasureEvery, time, beside.Stop);
                if (worker.HasEnded) throw new InvalidOperationException($"the worker has ended after {at}, {group.Killed} processes were killed for want of memory: {worker}");
                if (at < order.Duration / 4) continue;
                resident.Add((at.TotalHours, worker.ResidentBytes() / (double)(1 << 20)));
                handles.Add((at.TotalHours, worker.Handles()));
            }
        }
        copy.Simulated.Faults.Clear();
        try
        {
            await copy.CaughtUpAsync();
        }
        catch (TimeoutException)
        {
            // What led to it may be long ago, and where nobody says anything any more, somebody waits.
            var sessions = await copy.ActivityAsync();
            await File.WriteAllTextAsync(
                Path.Combine(Repository.Root, "artifacts", $"soak-{order.Seed}.log"), $"{worker.Output}\n{worker.Threads()}\n{group.Killed} killed, {group.Peak} bytes at most\n{sessions}");
            throw;
        }
        var took = time.GetElapsedTime(began);
        var fired = Kinds.ToDictionary(kind => kind.ToString(), kind => copy.Simulated.Faults.Fired.GetValueOrDefault(kind));
        fired[SessionsEnded] = ended;
        return new(took, copy.Simulated.Org.Bus.EventCount, await copy.Ledger.CountAsync(), fired, Trend.Of(resident), Trend.Of(handles),
            worker.PeakResidentBytes(), group.Killed, await copy.FaultsAsync());
    }

    /// <summary>The variables of a worker that lives in a group of the system, with a heap of its own limit.</summary>
    public static (string Name, string Value)[] Limits(MemoryGroup group, long heap) =>
        [(MemoryGroup.Variable, group.Folder), ("DOTNET_GCHeapHardLimit", heap.ToString("x", CultureInfo.InvariantCulture)), .. LongLife];

    /// <summary>What a process of hours compiles, it compiles as it does in production.</summary>
    private static (string Name, string Value)[] LongLife => [("DOTNET_TC_CallCountingDelayMs", "64")];
}
