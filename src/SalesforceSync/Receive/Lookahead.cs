namespace SalesforceSync.Receive;

/// <summary>
/// Reads a sequence so that what has already arrived comes together: the read for the next item is under way while the last ones are worked on. Ends the
/// sequence, by its own token, before it is disposed. Used by one caller.
/// </summary>
internal sealed class Lookahead<T>(IAsyncEnumerable<T> sequence, CancellationTokenSource stop) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> _items = sequence.GetAsyncEnumerator(stop.Token);
    private Task<bool>? _next;

    /// <summary>At least one item, and those behind it that are there already, up to a weight; null at the end.</summary>
    public async Task<IReadOnlyList<T>?> NextAsync(int maxWeight, Func<T, int> weight)
    {
        _next ??= _items.MoveNextAsync().AsTask();
        if (!await _next)
            return null;
        var some = new List<T> { _items.Current };
        var sum = weight(_items.Current);
        _next = _items.MoveNextAsync().AsTask();
        while (sum < maxWeight && _next.IsCompletedSuccessfully && _next.Result)
        {
            some.Add(_items.Current);
            sum += weight(_items.Current);
            _next = _items.MoveNextAsync().AsTask();
        }
        return some;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (_next is not null)
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _items.DisposeAsync();
    }
}
