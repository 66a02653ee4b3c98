using System.Buffers.Binary;

namespace SalesforceSync.Tests.Chaos;

/// <summary>A message that ended in a portion of bytes; <paramref name="Start"/> is 0 when it began in an earlier one.</summary>
internal readonly record struct PostgresMessage(char Type, int Start, int End, byte[] Body);

/// <summary>Finds the messages of one direction of a Postgres connection, however the bytes are cut. Without TLS.</summary>
/// <param name="fromClient">The client's first message has no type.</param>
internal sealed class PostgresMessages(bool fromClient)
{
    /// <summary>Of a long message no more is kept.</summary>
    private const int MostKept = 16 * 1024;

    private readonly List<byte> _head = [];
    private readonly List<byte> _body = [];
    private bool _hasType = !fromClient;
    private int _left = -1;

    /// <summary>The messages that end in these bytes, in order.</summary>
    public List<PostgresMessage> Read(ReadOnlySpan<byte> bytes)
    {
        var found = new List<PostgresMessage>();
        var start = 0;
        for (var at = 0; at < bytes.Length;)
        {
            if (_left < 0)
            {
                _head.Add(bytes[at++]);
                if (_head.Count < HeadLength)
                    continue;
                _left = BinaryPrimitives.ReadInt32BigEndian([.. _head[^4..]]) - 4;
            }
            var taken = Math.Min(_left, bytes.Length - at);
            if (taken > 0 && _body.Count < MostKept)
                _body.AddRange(bytes.Slice(at, Math.Min(taken, MostKept - _body.Count)));
            (at, _left) = (at + taken, _left - taken);
            if (_left > 0)
                break;
            found.Add(new(_hasType ? (char)_head[0] : '\0', start, at, [.. _body]));
            start = at;
            Forget();
        }
        return found;
    }

    private int HeadLength => _hasType ? 5 : 4;

    private void Forget()
    {
        (_hasType, _left) = (true, -1);
        _head.Clear();
        _body.Clear();
    }
}
