using Microsoft.Extensions.Logging;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>An object of which something is hidden.</summary>
/// <param name="IsFrozen">The object itself, or so much of it that nothing is judged.</param>
/// <param name="IsMissed">What is hidden was visible once.</param>
internal sealed record HiddenObject(string Object, string Channel, bool IsFrozen, bool IsMissed);

/// <summary>
/// Looks now and then whether what was hidden of an object is visible again, a describe each time: soon after it was hidden, for most permissions are lost by
/// mistake, then ever less often; once a week for a field that nobody has ever been shown.
/// </summary>
internal sealed class FrozenWatch(string org, SweepStore store, Visibility visibility, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private static readonly TimeSpan NeverSeen = TimeSpan.FromDays(7);

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
        var hidden = await store.HiddenAsync(stop);
        foreach (var known in _next.Keys.Except(hidden.Select(h => h.Object)).ToList())
            _next.Remove(known);
        foreach (var one in hidden)
        {
            var first = one.IsMissed ? First : NeverSeen;
            if (!_next.TryGetValue(one.Object, out var next) || next.Wait > first && next.Wait == NeverSeen)
                _next[one.Object] = (now + first, first);
            else if (next.At <= now && await LookAsync(one, next.Wait, stop))
                return true;
        }
        return false;
    }

    private async Task<bool> LookAsync(HiddenObject hidden, TimeSpan waited, CancellationToken stop)
    {
        var (name, channel) = (hidden.Object, hidden.Channel);
        var wait = !hidden.IsMissed ? NeverSeen : waited * 2 < Longest ? waited * 2 : Longest;
        _next[name] = (time.GetUtcNow() + wait, wait);
        try
        {
            // A field that is visible again is filled by a reading of that field, which the look asks for.
            if (!(await visibility.LookAsync(name, stop)).IsWhole || !hidden.IsFrozen)
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
