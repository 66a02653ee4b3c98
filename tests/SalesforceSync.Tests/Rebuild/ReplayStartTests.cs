using SalesforceSync.Rebuild;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Rebuild;

public class ReplayStartTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("123456789012345678", 123456789012345678)]
    public void A_short_row_of_digits_is_a_received_number(string text, long number) => ReplayStart.Of(text).ShouldBe(new ReplayStart.Received(number));

    [Theory]
    [InlineData("0x00000000000012ab0000", "00000000000012ab0000")]
    [InlineData("00000000000012AB0000", "00000000000012ab0000")]
    [InlineData("00000000000012340000", "00000000000012340000")]
    [InlineData("0x1234", "1234")]
    public void Hexadecimal_digits_are_a_replay_id(string text, string hex) => ReplayStart.Of(text).ShouldBe(new ReplayStart.Position(new ReplayId(Convert.FromHexString(hex))));

    [Theory]
    [InlineData("2026-07-01T12:00Z", "2026-07-01T12:00:00Z")]
    [InlineData("2026-07-01T12:00:05+02:00", "2026-07-01T10:00:05Z")]
    [InlineData("2026-07-01T12:00:05.25Z", "2026-07-01T12:00:05.250Z")]
    public void A_time_with_its_zone_is_one_of_commits(string text, string at) =>
        ReplayStart.Of(text).ShouldBe(new ReplayStart.Committed(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("0x")]
    [InlineData("0x123")]
    [InlineData("yesterday")]
    [InlineData("2026-07-01")]
    [InlineData("2026-07-01T12:00:00")]
    [InlineData("2026-07-32T12:00:00Z")]
    public void Everything_else_is_nothing(string text) => ReplayStart.Of(text).ShouldBeNull();
}
