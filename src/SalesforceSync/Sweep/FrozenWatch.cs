using Microsoft.Extensions.Logging;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>
/// Looks now and then whether what was hidden of an object is visible again, a describe each time: soon after it was hidden, for most permissions are lost by
/// mistake, then ever less often.
/// </summary>
internal sealed class FrozenWatch(string org, SweepStore store, Visibility visibility, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (DateTimeOffset At, TimeSpan Wait)> _next = [];
    private DateTimeOffset _look = DateTimeOffset.MinValue;

    /// <summary>True when something was visible again.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (now < _look)
            return false;
        _look = now + LookEvery;
        var frozen = await store.FrozenAsync(stop);
        foreach (var known in _next.Keys.Except(frozen.Select(f => f.Object)).ToList())
            _next.Remove(known);
        foreach (var (name, channel) in frozen)
        {
            if (!_next.TryGetValue(name, out var next))
                _next[name] = (now + First, First);
            else if (next.At <= now && await LookAsync(name, channel, next.Wait, stop))
                return true;
        }
        return false;
    }

    private async Task<bool> LookAsync(string name, string channel, TimeSpan waited, CancellationToken stop)
    {
        var wait = waited * 2 < Longest ? waited * 2 : Longest;
        _next[name] = (time.GetUtcNow() + wait, wait);
        try
        {
            if (!(await visibility.LookAsync(name, stop)).IsWhole)
                return false;
            await visibility.ThawAsync(name, channel, stop);
            return true;
        }
        catch (BudgetSpentException spent)
        {
            _next[name] = (spent.Until, waited);
            return false;
        }
        catch (Exception trouble) when (trouble is RestException or SalesforceUnreachableException or SignInUnavailableException or GrpcException)
        {
            logger.Waits(org, name, _next[name].At, trouble.Message);
            return false;
        }
    }
}
