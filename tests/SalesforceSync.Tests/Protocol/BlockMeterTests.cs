using SalesforceSync.Protocol;
using static SalesforceSync.Tests.Protocol.RawHttp2Peer;

namespace SalesforceSync.Tests.Protocol;

public class BlockMeterTests
{
    private const byte Padded = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public void Bodies_are_counted_without_headers_other_frames_and_padding_however_the_bytes_come(int at)
    {
        byte[] bytes = [.. Frame(4, 0, 0), .. Headers(1), .. Data(1, 1, 2, 3), .. Frame(0, Padded, 1, 2, 9, 9, 9, 0, 0), .. Data(1), .. Frame(6, 1, 0, new byte[8])];
        var meter = new Http2FrameMeter();
        foreach (var part in bytes.Chunk(at))
            meter.Pass(part);
        meter.BodyBytes.ShouldBe(6);
        meter.IsBetween.ShouldBeTrue();
    }

    [Fact]
    public void Every_byte_but_the_last_leaves_a_frame_unfinished()
    {
        var meter = new Http2FrameMeter();
        byte[] frame = Data(1, 1, 2);
        for (var i = 0; i < frame.Length; i++)
        {
            meter.IsBetween.ShouldBe(i == 0);
            meter.Pass([frame[i]]);
        }
        meter.IsBetween.ShouldBeTrue();
    }

    [Fact]
    public void Record_of_tls_is_as_long_as_it_says()
    {
        var meter = new TlsRecordMeter();
        meter.Pass([23, 3, 3, 1, 0, .. new byte[255]]);
        meter.IsBetween.ShouldBeFalse();
        meter.Pass([0]);
        meter.IsBetween.ShouldBeTrue();
    }
}
