using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace SalesforceSync.Protocol;

/// <summary>A message on the wire: one flag byte (0, never compressed), four bytes of length in big-endian, the message.</summary>
internal static class GrpcFrame
{
    public const int HeaderLength = 5;

    /// <summary>What one message may measure when nobody says otherwise: Salesforce stays under 4 MB.</summary>
    public const int DefaultMaxMessage = 16 * 1024 * 1024;

    public static void Write(IBufferWriter<byte> output, IMessage message)
    {
        var size = message.CalculateSize();
        var frame = output.GetSpan(HeaderLength + size)[..(HeaderLength + size)];
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], size);
        message.WriteTo(frame[HeaderLength..]);
        output.Advance(frame.Length);
    }

    public static byte[] ToArray(IMessage message)
    {
        var output = new ArrayBufferWriter<byte>(HeaderLength + message.CalculateSize());
        Write(output, message);
        return output.WrittenSpan.ToArray();
    }
}
