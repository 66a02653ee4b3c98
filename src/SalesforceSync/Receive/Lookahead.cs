using System.Runtime.ExceptionServices;

namespace SalesforceSync.Receive;

/// <summary>
/// Reads a sequence ahead while what has arrived is worked on, so that it comes together: the longer the work takes, the more of it. Ends the sequence, by its
/// own token, before it is disposed. Used by one caller.
/// </summary>
internal sealed class Lookahead<T> : IAsyncDisposable
{
    private readonly IAsyncEnumerable<T> _sequence;
    private readonly Func<T, int> _weight;
    private readonly int _maxWeight;
    private readonly CancellationTokenSource _stop;
    private readonly Lock _gate = new();
    private readonly Task _reading;
    private TaskCompletionSource _arrived = New();
    private TaskCompletionSource _taken = New();
    private List<T> _waiting = [];
    private int _waitingWeight;
    private ExceptionDispatchInfo? _fault;
    private bool _ended;

    /// <param name="weight">What an item weighs; null of one that is not read beyond before it is taken.</param>
    /// <param name="maxWeight">From so much that waits to be taken on nothing more is read.</param>
    public Lookahead(IAsyncEnumerable<T> sequence, Func<T, int?> weight, int maxWeight, CancellationTokenSource stop)
    {
        (_sequence, _maxWeight, _stop) = (sequence, maxWeight, stop);
        _weight = item => weight(item) ?? maxWeight;
        _reading = ReadAsync();
    }

    /// <summary>At least one item, and all that wait behind it; null at the end. What ended the sequence is thrown when everything before it was taken.</summary>
    public async Task<IReadOnlyList<T>?> NextAsync()
    {
        while (true)
        {
            Task arrived;
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    var some = _waiting;
                    (_waiting, _waitingWeight) = ([], 0);
                    _taken.TrySetResult();
                    return some;
                }
                _fault?.Throw();
                if (_ended)
                    return null;
                arrived = _arrived.Task;
            }
            await arrived;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var item in _sequence.WithCancellation(_stop.Token))
                await WaitingAsync(item);
        }
        catch (Exception fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
        }
        lock (_gate)
        {
            _ended = true;
            _arrived.TrySetResult();
        }
    }

    /// <summary>Puts it down for the caller; completes when there is room for another.</summary>
    private async Task WaitingAsync(T item)
    {
        Task taken;
        lock (_gate)
        {
            _waiting.Add(item);
            _waitingWeight += _weight(item);
            _arrived.TrySetResult();
            _arrived = New();
            if (_waitingWeight < _maxWeight)
                return;
            _taken = New();
            taken = _taken.Task;
        }
        await taken.WaitAsync(_stop.Token);
    }
}
