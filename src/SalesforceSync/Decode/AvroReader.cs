using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace SalesforceSync.Decode;

/// <summary>
/// Reads Avro binary from a span. Every length and count is checked against the bytes that are left before anything is made of it, so that what is allocated
/// is bounded by the payload; every failure is a <see cref="DecodeException"/> that knows its offset and, through <see cref="Place"/>, its field.
/// </summary>
internal ref struct AvroReader(ReadOnlySpan<byte> payload, string schemaId)
{
    private const int LongestVarint = 10;

    private readonly ReadOnlySpan<byte> _payload = payload;
    private string[] _paths = [];
    private string[]? _inside;
    private int _depth;
    private long _items;

    /// <summary>The offset of the next byte.</summary>
    public int Position { get; private set; }

    /// <summary>Index into the paths given to <see cref="Follow"/>: the field being read, for messages.</summary>
    public int Place { get; set; }

    public readonly int Length => _payload.Length;

    public readonly int Left => _payload.Length - Position;

    public void Follow(string[] paths) => (_paths, Place) = (paths, 0);

    /// <summary>Goes into a part of the field, for messages; no schema is deeper than the parser lets it be.</summary>
    public void Enter(string part)
    {
        _inside ??= new string[AvroSchemaParser.DeepestType];
        _inside[_depth++] = part;
    }

    public void Leave() => _depth--;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadLong()
    {
        if (Position < _payload.Length && _payload[Position] is < 0x80 and var small)
        {
            Position++;
            return (small >> 1) ^ -(small & 1);
        }

        return ReadLongVarint();
    }

    public int ReadInt()
    {
        var start = Position;
        var value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Failure("a number that does not fit an int", start);
    }

    /// <summary>The index of a union's branch or an enum's symbol.</summary>
    public int ReadIndex(int count, string what)
    {
        var start = Position;
        var index = ReadLong();
        return index >= 0 && index < count ? (int)index : throw Failure($"{what} {index} of {count}", start);
    }

    /// <summary>Reads the branch of a union of null and one type: true for null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ReadIsNull(int nullBranch)
    {
        // Nearly every field of nearly every event: one byte, 00 or 02.
        if (Position < _payload.Length && _payload[Position] is 0 or 2)
            return _payload[Position++] >> 1 == nullBranch;
        return ReadIndex(2, "branch") == nullBranch;
    }

    public bool ReadBoolean() => Take(1, "boolean")[0] switch
    {
        0 => false,
        1 => true,
        var other => throw Failure($"a boolean of {other:x2}", Position - 1),
    };

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(4, "float"));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8, "double"));

    /// <summary>A string or bytes: the length, then as many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes(string what)
    {
        var start = Position;
        var length = ReadLong();
        if (length < 0 || length > Left) throw Failure($"{what} of {length} bytes where {Left} are left", start);
        return Take((int)length, what);
    }

    /// <summary>A string, which Avro says is UTF-8; <paramref name="storable"/> is false when it holds what <see cref="StorableText"/> replaces.</summary>
    public ReadOnlySpan<byte> ReadText(out bool storable)
    {
        var start = Position;
        var text = ReadBytes("text");
        var state = StorableText.StateOf(text);
        storable = state == TextState.Storable;
        return state == TextState.NotText ? throw Failure("text that is not UTF-8", start) : text;
    }

    /// <summary>Passes over a text if it is exactly this one, of at most 63 ASCII characters; else nothing is read.</summary>
    public bool TryTakeText(string expected)
    {
        var length = expected.Length;
        if (length > 63 || Left <= length || _payload[Position] != length << 1 || !Ascii.Equals(_payload.Slice(Position + 1, length), expected)) return false;
        Position += length + 1;
        return true;
    }

    public ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > Left) throw Failure($"{what} of {length} bytes where {Left} are left", Position);
        var taken = _payload.Slice(Position, length);
        Position += length;
        return taken;
    }

    /// <summary>
    /// Opens the next block of an array or map; a block without items is the end. No payload has more items than bytes: that bounds also those that take no
    /// bytes, such as nulls.
    /// </summary>
    public Block OpenBlock()
    {
        var start = Position;
        var count = ReadLong();
        if (count == 0) return default;
        var end = -1;
        if (count < 0)
        {
            if (count == long.MinValue) throw Failure("a block whose count cannot be", start);
            count = -count;
            var size = ReadLong();
            if (size <= 0 || size > Left) throw Failure($"a block of {size} bytes where {Left} are left", start);
            end = Position + (int)size;
        }

        if (count > _payload.Length - _items) throw Failure($"a block of {count} items: more items in the payload than bytes", start);
        _items += count;
        return new Block((int)count, end, start);
    }

    public readonly void CloseBlock(Block block)
    {
        if (block.End >= 0 && block.End != Position) throw Failure($"a block whose size is off by {block.End - Position}", block.Start);
    }

    public void RequireEnd()
    {
        Place = _paths.Length;
        if (Left != 0) throw Failure($"{Left} bytes behind the last field: the payload was written with another schema", Position);
    }

    public readonly DecodeException Failure(string what, int offset)
    {
        var path = Place < _paths.Length ? _paths[Place] : "after the last";
        for (var i = 0; i < _depth; i++) path += _inside![i] == "[]" ? "[]" : $".{_inside[i]}";
        return new DecodeException(what, offset, path, schemaId);
    }

    private long ReadLongVarint()
    {
        var start = Position;
        ulong bits = 0;
        for (var i = 0; i < LongestVarint; i++)
        {
            if (Left == 0) throw Failure(i == 0 ? "the payload ends" : "the payload ends inside a number", start);
            var part = _payload[Position++];
            if (i == LongestVarint - 1 && part > 1) throw Failure("a number of more than 64 bits", start);
            bits |= (ulong)(part & 0x7f) << (7 * i);
            if (part < 0x80) return (long)(bits >> 1) ^ -(long)(bits & 1);
        }

        throw Failure("a number of more than 64 bits", start);
    }

    /// <param name="End">Where the block says it ends, -1 when it does not say.</param>
    internal readonly record struct Block(int Count, int End, int Start);
}
