using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Whatever ends a stream: it is resumed, and nothing is lost, doubled or torn.</summary>
public sealed class StreamFaultTests
{
    [PostgresTheory]
    [InlineData(FaultKind.CleanEnd)]
    [InlineData(FaultKind.GoAway)]
    [InlineData(FaultKind.Drop)]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.StreamError)]
    [InlineData(FaultKind.DuplicateBatch)]
    [InlineData(FaultKind.SlowDown)]
    public async Task A_stream_that_is_disturbed_in_the_middle_of_transactions_loses_nothing(FaultKind kind)
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        copy.Commit(100);
        copy.Copied.Simulated.Faults.Arm(kind, new() { AfterEvents = 90, Times = 3 });
        copy.Commit(500);
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Faults.Fired[kind].ShouldBe(3);
        // The resumed stream is as good as the first.
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        await ShouldHaveOneStreamAsync(copy);
    }

    [PostgresFact]
    public async Task What_came_before_an_event_whose_schema_cannot_be_had_at_first_is_not_lost()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        copy.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "known" }));
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Faults.Arm(FaultKind.FailGetSchema, new() { Times = 2 });
        copy.Org.Commit(draft =>
        {
            for (var i = 0; i < 5; i++)
                draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"before {i}" });
            draft.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "of a kind not seen yet" });
        });
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Faults.Fired[FaultKind.FailGetSchema].ShouldBe(2);
        (await copy.Copied.ScalarAsync<long>("select count(*) from acme.account")).ShouldBe(6);
    }

    [PostgresTheory]
    [InlineData(FaultKind.RefuseSubscribe)]
    [InlineData(FaultKind.FailGetSchema)]
    [InlineData(FaultKind.FailToken)]
    public async Task A_start_that_fails_at_first_is_tried_again(FaultKind kind)
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Simulated.Faults.Arm(kind, new() { Times = 2 });
        copy.Commit(200);
        copy.Copied.Start();
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Faults.Fired[kind].ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_token_that_expires_under_the_stream_is_replaced()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        var signedIn = copy.Copied.Simulated.Counts.Tokens;
        copy.Copied.Simulated.Faults.Arm(FaultKind.ExpireTokens);
        copy.Copied.Simulated.Faults.Arm(FaultKind.Drop, new() { AfterEvents = 50 });
        copy.Commit(200);
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Counts.Tokens.ShouldBe(signedIn + 1);
    }

    [PostgresFact]
    public async Task A_stream_that_goes_silent_is_noticed_and_replaced()
    {
        var silenceAfter = TimeSpan.FromSeconds(3);
        await using var copy = await ProvenCopy.CreateAsync(
            new SimulatorSettings { Keepalive = TimeSpan.FromSeconds(1) }, options => options with { SilenceAfter = silenceAfter });
        copy.Copied.Start();
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        copy.Copied.Simulated.Counts.Subscribes.ShouldBe(1);
        copy.Copied.Simulated.Faults.Arm(FaultKind.Silence, new() { AfterEvents = 50 });
        var began = TimeProvider.System.GetTimestamp();
        copy.Commit(200);
        await copy.ShouldBeExactAsync();
        TimeProvider.System.GetElapsedTime(began).ShouldBeInRange(silenceAfter, silenceAfter * 4);
        copy.Copied.Simulated.Faults.Fired[FaultKind.Silence].ShouldBe(1);
        copy.Copied.Simulated.Counts.Subscribes.ShouldBe(2);
        copy.Copied.Log.Lines.ShouldContain(line => line.Id == 1004);
        await ShouldHaveOneStreamAsync(copy);
    }

    /// <summary>Of the calls that were replaced none is left open: each would bring every event once more.</summary>
    private static async Task ShouldHaveOneStreamAsync(ProvenCopy copy)
    {
        for (var look = 0; look < 250 && copy.Copied.Simulated.Counts.Open != 1; look++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        copy.Copied.Simulated.Counts.Open.ShouldBe(1);
    }
}
