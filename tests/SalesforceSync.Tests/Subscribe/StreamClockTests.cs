using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

public class StreamClockTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Round_trip_of_a_request_is_not_silence()
    {
        var clock = new StreamClock([Millisecond * 10]);
        clock.Heard();
        clock.Deaf(Millisecond * 12);
        for (var i = 0; i < 4; i++)
            clock.Count(clock.Slice!.Value, clock.Slice.Value).ShouldBeFalse();
        clock.Now.ShouldBe(Millisecond * 8);
        clock.Slice.ShouldBe(Millisecond * 2);
        clock.Count(Millisecond * 2, Millisecond * 2).ShouldBeTrue();
        clock.Slice.ShouldBeNull();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(5, 2)]
    [InlineData(50, 25)]
    public void Slices_are_half_of_the_first_offset_and_at_least_a_millisecond(int offset, int slice)
    {
        var clock = new StreamClock([Millisecond * offset, Millisecond * 1_000]);
        clock.Slice.ShouldBeNull();
        clock.Heard();
        clock.Slice.ShouldBe(Millisecond * slice);
    }

    [Fact]
    public void Without_offsets_nothing_is_counted()
    {
        var clock = new StreamClock([]);
        clock.Heard();
        clock.Slice.ShouldBeNull();
        clock.Count(Millisecond, Millisecond).ShouldBeFalse();
        clock.Now.ShouldBe(TimeSpan.Zero);
    }
}
