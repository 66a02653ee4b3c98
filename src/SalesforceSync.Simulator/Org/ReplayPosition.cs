using System.Buffers.Binary;
using Google.Protobuf;

namespace SalesforceSync.Simulator.Org;

/// <summary>Spells positions as replay ids: ten bytes, of which the first eight hold a number and the last two are zero, as in captured responses.</summary>
internal static class ReplayPosition
{
    public static ByteString Spell(long number)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    /// <returns>Null when the bytes are no replay id of this server.</returns>
    public static long? Read(ReadOnlySpan<byte> replayId)
        => replayId.Length == 10 && replayId[8] == 0 && replayId[9] == 0 ? BinaryPrimitives.ReadInt64BigEndian(replayId) : null;
}
