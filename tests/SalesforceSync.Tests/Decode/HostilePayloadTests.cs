using System.Diagnostics;
using System.Globalization;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class HostilePayloadTests
{
    private static readonly Dictionary<string, HostilePayload> Payloads = HostilePayloads.All.ToDictionary(p => p.Name);

    public static TheoryData<string> Names => [.. Payloads.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_payload_is_refused_with_its_place_in_bounded_memory_and_time(string name)
    {
        var hostile = Payloads[name];
        Should.Throw<DecodeException>(() => SmallEvent.Schema.Decode(hostile.Bytes));
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Refusal(hostile.Bytes);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // JSON may grow to 64 times the payload, in a buffer that doubles; everything else stays near it.
        allocated.ShouldBeLessThan(64_000 + ((hostile.OffsetIsLeast ? 300L : 4L) * hostile.Bytes.Length));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        if (hostile.OffsetIsLeast) refusal.Offset.ShouldBeGreaterThanOrEqualTo(hostile.Offset);
        else refusal.Offset.ShouldBe(hostile.Offset, refusal.Message);
        refusal.Path.ShouldStartWith(hostile.Path);
        if (!hostile.OffsetIsLeast) refusal.Path.ShouldBe(hostile.Path);
        refusal.SchemaId.ShouldBe("small-schema");
        refusal.Message.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"at byte {refusal.Offset}, field {refusal.Path}, schema small-schema"));
    }

    [Fact]
    public void All_twenty_five_kinds_are_here() =>
        Payloads.Keys.Select(n => n.Split(' ')[0]).Where(n => int.TryParse(n, CultureInfo.InvariantCulture, out _)).Distinct().Count().ShouldBe(25);

    [Fact]
    public void A_refusal_holds_no_value()
    {
        var (payload, _) = SmallEvent.WithBody("Phone", [0x02, 14, .. "secret"u8, 0xFF]);
        Should.Throw<DecodeException>(() => SmallEvent.Schema.Decode(payload)).Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0x00, 0x62 }, "a\uFFFDb")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "\uFFFD")]
    [InlineData(new byte[] { 0x61, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80, 0x00 }, "a\uFFFD\uFFFD\uFFFD")]
    [InlineData(new byte[] { 0xED, 0x9F, 0xBF }, "\uD7FF")]
    [InlineData(new byte[] { 0xC3, 0xAD, 0xED, 0xBF, 0xBF }, "í\uFFFD")]
    public void What_Postgres_cannot_hold_is_replaced_and_reported(byte[] text, string stored)
    {
        var (payload, _) = SmallEvent.WithBody("Phone", [0x02, .. PayloadWriter.Number(text.Length), .. text]);

        var decoded = SmallEvent.Schema.Decode(payload);

        decoded.Writes.Single().Value.Text.ShouldBe(stored);
        decoded.Substituted.Select(l => l.Path).ShouldBe(stored.Contains('\uFFFD', StringComparison.Ordinal) ? ["Phone"] : []);
    }

    [Fact]
    public void Enrichment_that_nobody_stores_may_be_out_of_range_but_not_out_of_shape()
    {
        byte[] time = [0x02, .. PayloadWriter.Number(-1)];
        var (fits, _) = SmallEvent.WithBody("Time", time);
        var update = fits.ToArray();
        update[1 + 5 + 2 + SmallEvent.Id.Length + 1] = 2;

        SmallEvent.Schema.Decode(update).Header.Kind.ShouldBe(ChangeKind.Update);
        Should.Throw<DecodeException>(() => SmallEvent.Schema.Decode(fits));
    }

    [Theory]
    [InlineData(-210_866_803_200_000)]
    [InlineData(9_224_318_015_999_999)]
    public void The_outermost_times_Postgres_holds_are_accepted(long time)
    {
        var (payload, _) = SmallEvent.WithBody("When", [0x02, .. PayloadWriter.Number(time)]);
        SmallEvent.Schema.Decode(payload).Writes.Single().Value.Integer.ShouldBe(time);
    }

    [Fact]
    public void A_change_type_newer_than_we_are_is_unknown_and_writes_nothing()
    {
        var (payload, _) = SmallEvent.WithHeader("changeType", PayloadWriter.Number(3));
        var decoded = SmallEvent.Schema.Decode(payload);
        decoded.Header.Kind.ShouldBe(ChangeKind.Unknown);
        decoded.Header.ChangeType.ShouldBe("NEWER");
        decoded.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void Blocks_that_tell_their_size_are_read()
    {
        var ids = new PayloadWriter().Long(-1).Long(19).Text(SmallEvent.Id).Long(1).Text("001Zz00000BBBBBIA1").Long(0).ToArray();
        var (payload, _) = SmallEvent.WithHeader("recordIds", ids);
        SmallEvent.Schema.Decode(payload).Header.RecordIds.ShouldBe([SmallEvent.Id, "001Zz00000BBBBBIA1"]);
    }

    [Fact]
    public void An_event_of_a_hundred_thousand_records_is_read_and_one_more_is_refused()
    {
        var (most, _) = SmallEvent.WithHeader("recordIds", new PayloadWriter().List([.. Enumerable.Repeat(SmallEvent.Id, 100_000)]).ToArray());
        var (over, _) = SmallEvent.WithHeader("recordIds", new PayloadWriter().List([.. Enumerable.Repeat(SmallEvent.Id, 100_001)]).ToArray());
        SmallEvent.Schema.DecodeHeader(most).RecordIds.Count.ShouldBe(100_000);
        Should.Throw<DecodeException>(() => SmallEvent.Schema.DecodeHeader(over));
    }

    [Fact]
    public void A_header_can_be_read_when_the_body_cannot()
    {
        var (payload, _) = SmallEvent.WithBody("Phone", [0x7F, 0xFF], cut: true);
        Should.Throw<DecodeException>(() => SmallEvent.Schema.Decode(payload));
        SmallEvent.Schema.DecodeHeader(payload).RecordIds.ShouldBe([SmallEvent.Id]);
        EventSchema.TryReadUsualHeader(payload)!.EntityName.ShouldBe("Small");
        EventSchema.TryReadUsualHeader(new byte[] { 0x80 }).ShouldBeNull();
    }

    private static DecodeException Refusal(byte[] payload)
    {
        try
        {
            SmallEvent.Schema.Decode(payload);
        }
        catch (DecodeException e)
        {
            return e;
        }

        throw new InvalidOperationException("accepted");
    }
}
