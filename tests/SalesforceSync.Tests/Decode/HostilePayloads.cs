namespace SalesforceSync.Tests.Decode;

/// <param name="Offset">Where the decoder must say it is.</param>
internal sealed record HostilePayload(string Name, byte[] Bytes, int Offset, string Path)
{
    /// <summary>The refusal comes somewhere inside the field, at or behind the offset.</summary>
    public bool OffsetIsLeast { get; init; }
}

/// <summary>Payloads no decoder may accept, hang on, or allocate for. The numbers are those of the list they come from; what the list leaves open is decided here.</summary>
internal static class HostilePayloads
{
    private const string First = "ChangeEventHeader.entityName";

    public static IEnumerable<HostilePayload> All => [.. Numbers(), .. Texts(), .. Arrays(), .. Scalars(), .. Ends(), .. Ranges(), .. Bitmaps(), .. Framings()];

    private static IEnumerable<HostilePayload> Numbers() =>
    [
        new("1 empty payload", [], 0, First),
        new("2 ends inside a number", [0x80], 0, First),
        new("3 number of 11 bytes", [.. Enumerable.Repeat((byte)0x80, 10), 0x00], 0, First),
        new("3 a megabyte of 80", [.. Enumerable.Repeat((byte)0x80, 1_000_000)], 0, First),
        new("4 number of 65 bits", [.. Enumerable.Repeat((byte)0xFF, 9), 0x02], 0, First),
        // Any number would do for this field, so that nothing else catches it.
        Header("4 commit number of 65 bits", "commitNumber", [.. Enumerable.Repeat((byte)0x80, 9), 0x02], 0),
        Body("2 ends inside a number of the body", "When", [0x02, 0x80], 1, cut: true),
    ];

    private static IEnumerable<HostilePayload> Texts() =>
    [
        Body("5 text longer than the payload", "Phone", [0x02, .. PayloadWriter.Number(50), 1, 2, 3], 1, cut: true),
        Body("6 text of negative length", "Phone", [0x02, .. PayloadWriter.Number(-1)], 1),
        Body("7 text of 2^31-1", "Phone", [0x02, .. PayloadWriter.Number(int.MaxValue)], 1),
        Body("7 text of 2^62", "Phone", [0x02, .. PayloadWriter.Number(1L << 62)], 1),
        Body("8 text of 2^32+7", "Phone", [0x02, .. PayloadWriter.Number((1L << 32) + 7), .. "abcdefg"u8], 1),
        Header("8 entity name of 2^32+5", "entityName", [.. PayloadWriter.Number((1L << 32) + 5), .. "Small"u8], 0),
        Body("23 overlong zero", "Phone", [0x02, 4, 0xC0, 0x80], 1),
        Body("23 cut sequence", "Phone", [0x02, 2, 0xC3], 1),
        Body("23 overlong three bytes", "Phone", [0x02, 6, 0xE0, 0x80, 0x80], 1),
        Body("23 beyond Unicode", "Phone", [0x02, 8, 0xF4, 0x90, 0x80, 0x80], 1),
        Body("23 cut surrogate", "Phone", [0x02, 4, 0xED, 0xA0], 1),
        Body("23 not text inside a person's name", "Name", [0x04, 0x02, 2, 0xFF, 0x00], 2, path: "Name.FirstName"),
        Header("23 not text in the header", "changeOrigin", [2, 0xFF], 0),
        Header("an entity name that is no name", "entityName", [.. PayloadWriter.Number(5), .. "a;b c"u8], 0),
        Header("no entity name", "entityName", [0], 0),
        Header("a record id that is none", "recordIds", new PayloadWriter().List("001Zz00000'--").ToArray(), 1),
        Header("a wildcard that is none", "recordIds", new PayloadWriter().List("0'1*").ToArray(), 1),
    ];

    private static IEnumerable<HostilePayload> Arrays() =>
    [
        Header("9 2^40 items", "changedFields", PayloadWriter.Number(1L << 40), 0),
        Header("9 2^40 record ids", "recordIds", PayloadWriter.Number(1L << 40), 0),
        Header("10 long.MinValue items", "changedFields", PayloadWriter.Number(long.MinValue), 0),
        Header("11 block of 2^50 bytes", "changedFields", [.. PayloadWriter.Number(-1), .. PayloadWriter.Number(1L << 50), 0, 0], 0),
        Header("12 block of 0 bytes", "changedFields", [.. PayloadWriter.Number(-1), 0, 0, 0], 0),
        Header("12 block of negative size", "changedFields", [.. PayloadWriter.Number(-1), .. PayloadWriter.Number(-9), 0, 0], 0),
        Header("13 block size that contradicts its items", "changedFields", [.. PayloadWriter.Number(-1), .. PayloadWriter.Number(7), 2, (byte)'a', 0], 0),
        Header("14 array without end", "changedFields", [2, 2, (byte)'a'], 3, cut: true),
        Header("14 a million empty strings", "changedFields", [.. PayloadWriter.Number(1_000_000), .. new byte[1_000_001]], 0),
        Header("14 a million record ids", "recordIds", [.. PayloadWriter.Number(1_000_000), .. new byte[1_000_001]], 0),
        Header("14 a million blocks of an empty string", "changedFields", [.. Enumerable.Repeat(new byte[] { 2, 0 }, 1_000_000).SelectMany(b => b), 0], 2 * 4_096),
        Body("15 200 million nulls", "Nothings", [0x02, .. PayloadWriter.Number(200_000_000), 0], 1, path: "Nothings[]"),
        Body("15 200 million empty records", "Empties", [0x02, .. PayloadWriter.Number(200_000_000), 0], 1, path: "Empties[]"),
        ManyBlocksOfNulls(),
        Body("9 map of 2^40", "Many", [0x02, .. PayloadWriter.Number(1L << 40)], 1, path: "Many[]"),
        Body("9 array in a map of 2^40", "Many", [0x02, 2, 2, (byte)'k', .. PayloadWriter.Number(1L << 40)], 4, path: "Many[][]"),
        Body("9 list of 2^40 texts", "Tags", [0x02, .. PayloadWriter.Number(1L << 40)], 1),
        WideJson(),
        Header("16 no record id", "recordIds", [0], 0),
    ];

    // 20 nulls of a byte each would become 20 names of 200 characters, 2,000 times. Where it is stopped depends on the JSON, so the test takes it from there.
    private static HostilePayload WideJson()
    {
        var (payload, at) = SmallEvent.WithBody("Wide", [0x02, .. PayloadWriter.Number(2_000), .. new byte[40_001]]);
        return new("names that outgrow their payload", payload, at, "Wide[]") { OffsetIsLeast = true };
    }

    // Each block by itself is small; one record id came before them.
    private static HostilePayload ManyBlocksOfNulls()
    {
        var (payload, at) = SmallEvent.WithBody("Nothings", [0x02, .. Enumerable.Repeat((byte)(2 * 40), 50), 0]);
        return new("15 nulls over many blocks", payload, at + 1 + ((payload.Length - 1) / 40), "Nothings[]");
    }

    private static IEnumerable<HostilePayload> Scalars() =>
    [
        Header("17 change type = count of symbols", "changeType", PayloadWriter.Number(4), 0),
        Header("17 change type -1", "changeType", PayloadWriter.Number(-1), 0),
        Body("17 enum = count of symbols", "Stage", [0x02, .. PayloadWriter.Number(2)], 1),
        Header("18 sequence number 2^31", "sequenceNumber", PayloadWriter.Number(1L << 31), 0),
        Body("18 int 2^31", "Employees", [0x02, .. PayloadWriter.Number(1L << 31)], 1),
        Body("18 int -2^31-1", "Employees", [0x02, .. PayloadWriter.Number(-(1L << 31) - 1)], 1),
        Body("19 branch = count of branches", "Phone", PayloadWriter.Number(2), 0),
        Body("19 branch -1", "Phone", PayloadWriter.Number(-1), 0),
        Body("19 branch 2^32", "Phone", PayloadWriter.Number(1L << 32), 0),
        Body("19 branch 3 of the name", "Name", PayloadWriter.Number(3), 0),
        Body("20 boolean 02", "Flag", [0x02, 0x02], 1),
        Body("21 double cut after 3 bytes", "BillingAddress", [0x02, 0x00, 0x02, 1, 2, 3], 3, path: "BillingAddress.Latitude", cut: true),
        Body("21 fixed cut short", "Hash", [0x02, 1, 2, 3], 1, cut: true),
        Body("double that is no number", "Score", [0x02, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F], 1),
        Body("decimal of no bytes", "Price", [0x02, 0], 1),
        Body("decimal of 2000 bytes", "Price", [0x02, .. PayloadWriter.Number(2_000), .. new byte[2_000]], 1),
    ];

    private static IEnumerable<HostilePayload> Ends()
    {
        var (whole, _) = SmallEvent.WithBody("Phone", [0]);
        yield return new("22 one byte left over", [.. whole, 0], whole.Length, "after the last");
        yield return new("22 one field short", whole[..^1], whole.Length - 1, "Wide");
        yield return new("22 only a header", whole[..^17], whole.Length - 17, "Name");
    }

    private static IEnumerable<HostilePayload> Ranges() =>
    [
        Header("24 commitTimestamp long.MaxValue", "commitTimestamp", PayloadWriter.Number(long.MaxValue), 0),
        Header("24 commitTimestamp in the year 10000", "commitTimestamp", PayloadWriter.Number(253_402_300_800_000), 0),
        Body("24 DateTime long.MinValue", "When", [0x02, .. PayloadWriter.Number(long.MinValue)], 1),
        Body("24 DateTime in the year 294277", "When", [0x02, .. PayloadWriter.Number(9_224_318_016_000_000)], 1),
        Body("24 DateTime before 4714 BC", "When", [0x02, .. PayloadWriter.Number(-210_866_803_200_001)], 1),
        Body("24 TimeOnly 86400000", "Time", [0x02, .. PayloadWriter.Number(86_400_000)], 1),
        Body("24 TimeOnly -1", "Time", [0x02, .. PayloadWriter.Number(-1)], 1),
        Body("24 DateOnly beyond date", "Day", [0x02, .. PayloadWriter.Number(2_145_042_906L * 86_400_000)], 1),
        Body("24 DateOnly before date", "Day", [0x02, .. PayloadWriter.Number((-2_440_588L * 86_400_000) - 1)], 1),
        Body("24 DateOnly long.MaxValue", "Day", [0x02, .. PayloadWriter.Number(long.MaxValue)], 1),
    ];

    private static IEnumerable<HostilePayload> Bitmaps()
    {
        string[] malformed =
        [
            "0xZZ", "0x", "0x" + new string('0', 10_000), "99999-0x01", "0-0x01", "5-", "", "-0x01", "+5-0x01", "5--0x01", "0y02", "02", "123456-0x01", "5-02",
            "0x01", "0x040000", "5-0x04", "2-0x01", "18-0x01", "5-0x01 ", "é-0x01", "0x\0", "11-0x01",
        ];
        foreach (var bitmap in malformed)
        {
            var (payload, at) = SmallEvent.WithBitmaps("0x02", bitmap);
            yield return new($"25 bitmap '{(bitmap.Length > 20 ? bitmap[..20] : bitmap)}'", payload, at, "ChangeEventHeader.changedFields[1]");
        }
    }

    private static IEnumerable<HostilePayload> Framings()
    {
        var (whole, _) = SmallEvent.WithBody("Phone", [0]);
        yield return new("container file", [.. "Obj"u8, 0x01, .. whole], 0, First);
        yield return new("registry prefix", [0, 0, 0, 0, 7, .. whole], 0, First);
        yield return new("single-object prefix", [0xC3, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, .. whole], 0, First);
    }

    private static HostilePayload Header(string name, string field, byte[] bytes, int offset, bool cut = false)
    {
        var (payload, at) = SmallEvent.WithHeader(field, bytes, cut);
        return new(name, payload, at + offset, $"ChangeEventHeader.{field}");
    }

    private static HostilePayload Body(string name, string field, byte[] bytes, int offset, string? path = null, bool cut = false)
    {
        var (payload, at) = SmallEvent.WithBody(field, bytes, cut);
        return new(name, payload, at + offset, path ?? field);
    }
}
