using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>
/// Carries the org's readings of whole objects from being asked for to being merged, each by small steps that begin from what the database says: anchor, jobs,
/// their end at Salesforce, the pages merged by apply's rules, what was not among them, and the close. Several objects at a time; a step is one of one object.
/// </summary>
internal sealed class SnapshotLoop(
    string org, Reads reads, SnapshotSteps steps, WantedReadings wanted, Visibility visibility, Lookout lookout, TimeProvider time, ILogger logger)
{
    /// <summary>Objects read at the same time.</summary>
    public const int Lanes = 2;

    /// <summary>How often a reading begins anew before it is given up for hours.</summary>
    private const int MostTries = 4;

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<long, byte> _taken = new();
    private readonly ConcurrentDictionary<long, DateTimeOffset> _notBefore = new();
    private readonly ConcurrentDictionary<long, int> _troubles = new();
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;
    private bool _isTidy;
    private long _moves;

    /// <summary>Why nothing is read just now, or null.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database failed; begin anew from what it says.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var lanes = new TaskGroup(stop);
        for (var i = 0; i < Lanes; i++)
            lanes.Start($"snapshot {i}", LaneAsync);
        await lanes.WhenAllAsync();
    }

    /// <summary>One bounded piece of work; false when there is nothing to do just now.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        if (!_isTidy)
        {
            await reads.TidyAsync(stop);
            _isTidy = true;
        }
        if (time.GetUtcNow() < _closedUntil)
            return false;
        try
        {
            if (await wanted.StepAsync(stop))
                return true;
        }
        catch (Exception trouble) when (PauseAfter(trouble, 0) is { } pause)
        {
            Pause(trouble, pause);
            return false;
        }
        var moves = Volatile.Read(ref _moves);
        foreach (var read in await reads.OpenAsync(stop))
        {
            if (read.Kind is not (ReadKind.Snapshot or ReadKind.Fill or ReadKind.Refresh) || (_notBefore.TryGetValue(read.Id, out var at) && time.GetUtcNow() < at) || !_taken.TryAdd(read.Id, 0))
                continue;
            try
            {
                if (await AdvanceAsync(read, moves, stop))
                {
                    Interlocked.Increment(ref _moves);
                    return true;
                }
            }
            finally
            {
                _taken.TryRemove(read.Id, out _);
            }
        }
        return false;
    }

    private async Task LaneAsync(CancellationToken stop)
    {
        while (true)
        {
            if (!await StepAsync(stop))
                await lookout.WaitAsync(Idle, stop);
        }
    }

    /// <summary>True when the reading has moved on.</summary>
    /// <param name="moves">How many had moved on before it was listed.</param>
    private async Task<bool> AdvanceAsync(Read listed, long moves, CancellationToken stop)
    {
        // Another lane may have moved it on since.
        var read = Volatile.Read(ref _moves) == moves ? listed : (await reads.OpenAsync(stop)).FirstOrDefault(r => r.Id == listed.Id);
        if (read is null)
            return false;
        try
        {
            if (await steps.TakeAsync(read, stop) is { } wait)
            {
                _notBefore[read.Id] = time.GetUtcNow() + wait;
                return false;
            }
            _troubles.TryRemove(read.Id, out _);
            Trouble = null;
            return true;
        }
        catch (ReadingFailedException failed)
        {
            await EndBadlyAsync(read, failed.Message, stop);
            return true;
        }
        catch (ObjectFrozenException frozen)
        {
            await visibility.FreezeAsync(read.Object, frozen.Message, stop);
            await reads.FailAsync(read.Id, frozen.Message, stop);
            return true;
        }
        catch (Exception trouble) when (PauseAfter(trouble, _troubles.GetValueOrDefault(read.Id)) is { } pause)
        {
            _troubles.AddOrUpdate(read.Id, 1, (_, before) => before + 1);
            _notBefore[read.Id] = time.GetUtcNow() + pause;
            Pause(trouble, pause);
            return false;
        }
    }

    private async Task EndBadlyAsync(Read read, string message, CancellationToken stop)
    {
        await steps.ForgetAsync(read, stop);
        if (read.Tries < MostTries)
        {
            logger.ReadingRestarts(org, read.Object, read.Tries, message);
            await reads.RestartAsync(read.Id, message, stop);
            _notBefore[read.Id] = time.GetUtcNow() + (FirstPause * Math.Max(0, read.Tries - 1));
            return;
        }
        logger.ReadingFailed(org, read.Object, read.Tries, message);
        await reads.FailAsync(read.Id, $"given up after {read.Tries} tries: {message}", stop);
    }

    private void Pause(Exception trouble, TimeSpan pause)
    {
        if (trouble is BudgetSpentException)
            _closedUntil = time.GetUtcNow() + pause;
        if (Trouble != trouble.Message)
            logger.ReadingWaits(org, pause, trouble.Message);
        Trouble = trouble.Message;
    }

    /// <summary>What may pass by itself is waited for; null for everything else.</summary>
    private TimeSpan? PauseAfter(Exception trouble, int before) => trouble switch
    {
        BudgetSpentException spent => Clamp(spent.Until - time.GetUtcNow(), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        RestException { MayPass: true } or SalesforceUnreachableException or SignInException => Backoff(before),
        RestException { Code: "REQUEST_LIMIT_EXCEEDED" } => LongestPause,
        RestException => Backoff(before + 4),
        GrpcException => Backoff(before),
        _ => null,
    };

    private static TimeSpan Backoff(int before) => Clamp(FirstPause * Math.Pow(2, Math.Min(before, 10)), FirstPause, LongestPause);

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
