using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Diagnostics;

public class TaskGroupTests
{
    [Fact]
    public async Task The_first_failure_stops_the_others_and_is_rethrown()
    {
        await using var group = new TaskGroup(CancellationToken.None);
        var stopped = false;
        group.Start("waits", async stop =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }
            finally
            {
                stopped = true;
            }
        });
        group.Start("fails", _ => throw new InvalidDataException("broken"));

        (await Should.ThrowAsync<InvalidDataException>(group.WhenAllAsync)).Message.ShouldBe("broken");
        stopped.ShouldBeTrue();
        group.FailedTask.ShouldBe("fails");
    }

    [Fact]
    public async Task A_failure_nobody_waited_for_comes_out_when_the_group_is_left()
    {
        var group = new TaskGroup(CancellationToken.None);
        group.Start("fails", _ => throw new InvalidDataException("broken"));
        await Should.ThrowAsync<InvalidDataException>(() => group.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task What_others_throw_while_being_stopped_is_not_mistaken_for_the_failure()
    {
        var group = new TaskGroup(CancellationToken.None);
        var waiting = new TaskCompletionSource();
        group.Start("echo", async stop =>
        {
            waiting.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException("echo");
            }
        });
        group.Start("cause", async _ =>
        {
            await waiting.Task;
            throw new InvalidDataException("cause");
        });
        await Should.ThrowAsync<InvalidDataException>(group.WhenAllAsync);
        await group.DisposeAsync();
    }

    [Fact]
    public async Task Being_told_to_stop_is_a_cancellation_and_no_failure()
    {
        using var told = new CancellationTokenSource();
        await using var group = new TaskGroup(told.Token);
        group.Start("waits", stop => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
        await told.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(group.WhenAllAsync);
        group.FailedTask.ShouldBeNull();
    }

    [Fact]
    public async Task Leaving_waits_for_every_task_also_for_those_started_by_tasks()
    {
        var ended = 0;
        var group = new TaskGroup(CancellationToken.None);
        var nested = new TaskCompletionSource();
        group.Start("outer", _ =>
        {
            group.Start("inner", async stop =>
            {
                nested.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Yield();
                Interlocked.Increment(ref ended);
            });
            return Task.CompletedTask;
        });
        await nested.Task;
        await group.DisposeAsync();
        ended.ShouldBe(1);
        Should.Throw<ObjectDisposedException>(() => group.Start("late", _ => Task.CompletedTask));
    }
}
