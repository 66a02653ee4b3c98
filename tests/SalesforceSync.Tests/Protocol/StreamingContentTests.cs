using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

/// <summary>
/// The body of a call whose server answers before there is a stream to write to, as one does that refuses a token: whoever waits to write is told, and does not
/// wait for ever. Found by the soak: a stream that was refused so while the processors were busy was never begun again.
/// </summary>
public sealed class StreamingContentTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly StreamingContent _content = new();

    public void Dispose() => _content.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_waits_to_write_is_told_that_the_answer_came_first(bool isAnsweredBefore)
    {
        var open = _content.OpenAsync(CancellationToken.None).AsTask();
        using var letGo = new CancellationTokenSource();
        var body = _content.CopyToAsync(new SlowStream(), letGo.Token);
        if (isAnsweredBefore)
            _content.Answered();
        await letGo.CancelAsync();
        await body;
        _content.Answered();
        (await open.WaitAsync(Soon)).ShouldBeNull();
    }

    [Fact]
    public async Task A_connection_that_is_lost_behind_the_answer_ends_the_wait_too()
    {
        var open = _content.OpenAsync(CancellationToken.None).AsTask();
        var stream = new SlowStream();
        var body = _content.CopyToAsync(stream, CancellationToken.None);
        _content.Answered();
        stream.Fail(new IOException("lost"));
        await Should.ThrowAsync<HttpRequestException>(body);
        (await open.WaitAsync(Soon)).ShouldBeNull();
    }

    [Fact]
    public async Task A_request_that_is_repeated_is_written_to_its_last_stream()
    {
        var open = _content.OpenAsync(CancellationToken.None).AsTask();
        using var letGo = new CancellationTokenSource();
        var refused = _content.CopyToAsync(new SlowStream(), letGo.Token);
        await letGo.CancelAsync();
        await refused;
        open.IsCompleted.ShouldBeFalse();
        var second = new MemoryStream();
        var body = _content.CopyToAsync(second, CancellationToken.None);
        (await open.WaitAsync(Soon)).ShouldNotBeNull();
        _content.Answered();
        body.IsCompleted.ShouldBeFalse();
        _content.End();
        await body.WaitAsync(Soon);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        await Should.ThrowAsync<OperationCanceledException>(_content.OpenAsync(stop.Token).AsTask().WaitAsync(Soon));
    }

    /// <summary>Takes nothing, until it is cancelled or fails.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(Exception failure) => _failed.SetException(failure);

        public override Task FlushAsync(CancellationToken cancellationToken) => _failed.Task.WaitAsync(cancellationToken);
    }
}
