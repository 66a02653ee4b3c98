using Eventbus.V1;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

/// <summary>What a call knows of bytes that have arrived and are not read.</summary>
public class DrainedCallTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_is_drained_while_a_read_waits_and_everything_sent_was_read(bool tls)
    {
        using var authority = new TestAuthority();
        var asked = new SemaphoreSlim(0);
        await using var host = await GrpcHost.StartAsync(
            routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
            {
                for (var i = 0; ; i++)
                {
                    await asked.WaitAsync(stream.Stop);
                    // Larger than a record of TLS and a frame of HTTP/2.
                    await stream.WriteAsync(new FetchResponse { RpcId = new string('x', 50_000 * (i % 2)) }, stream.Stop);
                }
            }),
            tls ? authority.Issue("localhost") : null);
        using var channel = new GrpcChannel(host.Address, TimeProvider.System, tls ? [authority.Root] : null);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, [], default);
        asked.Release();
        await call.ReadAsync(default);
        for (var i = 0; i < 5; i++)
        {
            var read = call.ReadAsync(default).AsTask();
            await UntilAsync(() => call.IsDrained);
            read.IsCompleted.ShouldBeFalse();

            asked.Release(2);
            await read;
            // The second is not read: it lies somewhere between the kernel and us, and so it stays.
            await UntilAsync(() => !call.IsDrained);
            for (var look = 0; look < 20; look++)
            {
                call.IsDrained.ShouldBeFalse();
                await Task.Yield();
            }
            await call.ReadAsync(default);
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 5_000 && !holds(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        holds().ShouldBeTrue();
    }
}
