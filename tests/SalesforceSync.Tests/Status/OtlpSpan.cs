using System.Globalization;
using Google.Protobuf;

namespace SalesforceSync.Tests.Status;

/// <summary>A span as it lies in a request to a trace collector (opentelemetry/proto/trace/v1/trace.proto), read without the library that wrote it.</summary>
/// <param name="Parent">Empty for the first of a trace.</param>
/// <param name="Attributes">Without their prefix; lists joined by commas.</param>
internal sealed record OtlpSpan(string Trace, string Id, string Parent, string Name, DateTimeOffset From, DateTimeOffset Until, IReadOnlyDictionary<string, string> Attributes)
{
    public static IEnumerable<OtlpSpan> Of(byte[] request) =>
        from resource in All(request, 1) from scope in All(resource, 2) from span in All(scope, 2) select Read(span);

    private static OtlpSpan Read(byte[] span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), At(span, 7), At(span, 8),
        All(span, 9).ToDictionary(a => Text(a, 1).Replace("salesforce_sync.", "", StringComparison.Ordinal), a => Value(All(a, 2).Single())));

    private static string Value(byte[] any) => Fields(any).Single() switch
    {
        (1, byte[] text) => System.Text.Encoding.UTF8.GetString(text),
        (5, byte[] list) => string.Join(',', All(list, 1).Select(Value)),
        (_, var number) => Convert.ToString(number, CultureInfo.InvariantCulture)!,
    };

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(All(message, field).SingleOrDefault() ?? []);

    private static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(All(message, field).SingleOrDefault() ?? []);

    private static DateTimeOffset At(byte[] message, int field) =>
        DateTimeOffset.UnixEpoch + TimeSpan.FromTicks((long)((ulong)Fields(message).Single(f => f.Field == field).Value / 100));

    private static IEnumerable<byte[]> All(byte[] message, int field) => Fields(message).Where(f => f.Field == field).Select(f => (byte[])f.Value);

    private static List<(int Field, object Value)> Fields(byte[] message)
    {
        var fields = new List<(int, object)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                _ => input.ReadInt64(),
            }));
        }
        return fields;
    }
}
