using System.Diagnostics;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Diagnostics;

public sealed class TransactionTracesTests : IDisposable
{
    private readonly ActivityListener _listener = new() { ShouldListenTo = source => source.Name == TransactionTraces.Name };

    public TransactionTracesTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.01, 50, 150)]
    [InlineData(0.5, 4_800, 5_200)]
    [InlineData(1, 10_000, 10_000)]
    public void As_many_are_traced_as_wanted_by_every_process_the_same(double ratio, int least, int most)
    {
        var (one, other) = (new TransactionTraces("acme", ratio), new TransactionTraces("acme", ratio));
        var traced = Keys.Select(one.Find).ToList();
        traced.ShouldBe(Keys.Select(other.Find));
        traced.Count(t => t is not null).ShouldBeInRange(least, most);
    }

    [Fact]
    public void The_id_is_the_first_half_of_a_hash_that_anybody_can_compute()
    {
        // printf 'acme\n00033a80-…' | sha256sum
        new TransactionTraces("acme", 1).Find("00033a80-a7f2-8ad4-5f73-8a1cf1c3c0a2")!.Value.ToString().ShouldBe("3b32d5e5383f6f446a88f7e9f00a04c3");
        new TransactionTraces("other", 1).Find("00033a80-a7f2-8ad4-5f73-8a1cf1c3c0a2").ShouldNotBe(new TransactionTraces("acme", 1).Find("00033a80-a7f2-8ad4-5f73-8a1cf1c3c0a2"));
    }

    [Fact]
    public void A_key_of_any_length_has_an_id() => new TransactionTraces("acme", 1).Find(new string('é', 100_000)).ShouldNotBeNull();

    [Fact]
    public void What_is_not_traced_allocates_nothing()
    {
        var traces = new TransactionTraces("acme", 1e-12);
        foreach (var key in Keys)
            traces.Find(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var key in Keys)
            traces.Find(key);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static readonly string[] Keys = [.. Enumerable.Range(0, 10_000).Select(i => $"{i:x8}-a7f2-8ad4-5f73-8a1cf1c3c0a2")];
}
