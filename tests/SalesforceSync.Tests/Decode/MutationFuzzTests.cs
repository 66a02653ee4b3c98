using System.Diagnostics;
using System.Text.Unicode;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class MutationFuzzTests
{
    private const int Rounds = 10_000;

    public static TheoryData<string> Files => [.. GoldenVectorTests.Files()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Mutilated_event_is_decoded_or_refused_in_bounded_memory_and_nothing_else(string file)
    {
        var schema = GoldenVectorTests.Compile(file);
        var payloads = GoldenVectorTests.Payloads(file).ToList();
        var random = new Random(file.Length);
        var (decoded, refused) = (0, 0);
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            if (IsDecoded(schema, Mutilation.Of(payloads[random.Next(payloads.Count)], payloads, random))) decoded++;
            else refused++;
        }

        refused.ShouldBeGreaterThan(Rounds / 10);
        decoded.ShouldBeGreaterThan(Rounds / 100);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    /// <summary>Whether the payload was decoded; else it was refused as it has to be, and either in bounded memory.</summary>
    internal static bool IsDecoded(EventSchema schema, byte[] payload)
    {
        var isDecoded = false;
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Check(schema.Decode(payload), schema);
            isDecoded = true;
        }
        catch (DecodeException e)
        {
            e.Offset.ShouldBeInRange(0, payload.Length);
            e.Path.ShouldNotBeEmpty();
        }

        // An UPDATE may flag every leaf in a few bytes; beyond that, memory follows the payload.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64_000 + (200L * schema.Leaves.Count) + (100L * payload.Length));
        return isDecoded;
    }

    private static void Check(ChangeEvent decoded, EventSchema schema)
    {
        decoded.Header.RecordIds.ShouldNotBeEmpty();
        var before = -1;
        foreach (var write in decoded.Writes)
        {
            if (write.Field.Ordinal <= before || write.Field.ApiName is null) throw new InvalidOperationException("writes out of order, or without a column");
            if (!ReferenceEquals(schema.Leaves[write.Field.Ordinal], write.Field)) throw new InvalidOperationException("a leaf of another schema");
            before = write.Field.Ordinal;
            if (write.Field.Type is not (FieldType.Text or FieldType.TextList or FieldType.Json)) continue;
            if (!Utf8.IsValid(write.Value.Bytes.Span) || write.Value.Bytes.Span.Contains((byte)0)) throw new InvalidOperationException("text that Postgres refuses");
        }
    }
}
