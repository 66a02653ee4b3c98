using System.Buffers;

namespace SalesforceSync.Masks;

/// <summary>A payload in the making: the bytes of another, with some of them replaced. Used by one thread, once.</summary>
internal sealed class PayloadSplice(ReadOnlyMemory<byte> original)
{
    private readonly ArrayBufferWriter<byte> _made = new(original.Length + 64);
    private int _taken;

    /// <summary>In the place of these bytes stands what <c>["null","string"]</c> makes of a text.</summary>
    public void Replace(int from, int to, ReadOnlyMemory<byte>? text) => Replace(from, to, text is null ? 0 : 1, text);

    /// <summary>In the place of these bytes stand a branch of a union and a text in it, or the branch alone.</summary>
    public void Replace(int from, int to, int branch, ReadOnlyMemory<byte>? text)
    {
        _made.Write(original.Span[_taken..from]);
        _taken = to;
        Number(branch);
        if (text is { } value) Append(value);
    }

    /// <summary>A text behind what was replaced last.</summary>
    public void Append(ReadOnlyMemory<byte> text)
    {
        Number(text.Length);
        _made.Write(text.Span);
    }

    public byte[] Finish()
    {
        _made.Write(original.Span[_taken..]);
        _taken = original.Length;
        return _made.WrittenSpan.ToArray();
    }

    /// <summary>A number that is not negative, as Avro writes it.</summary>
    private void Number(int number)
    {
        for (var rest = (ulong)number << 1; ; rest >>= 7)
        {
            _made.Write([(byte)(rest < 0x80 ? rest : rest | 0x80)]);
            if (rest < 0x80) return;
        }
    }
}
