using System.Text.Unicode;

namespace SalesforceSync.Decode;

/// <summary>
/// What Postgres can hold of a text. Text must be UTF-8; two things that writers let through although Postgres cannot store them are replaced by U+FFFD and
/// reported: U+0000, and halves of surrogate pairs encoded by themselves (ED A0..BF xx). Everything else that is not UTF-8 is refused.
/// </summary>
internal static class StorableText
{
    private static ReadOnlySpan<byte> Replacement => [0xEF, 0xBF, 0xBD];

    /// <summary>What a text is; one pass in the usual case.</summary>
    public static TextState StateOf(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text)) return text.Contains((byte)0) ? TextState.ToBeSubstituted : TextState.Storable;
        return HasSurrogate(text) && Utf8.IsValid(WithoutSurrogates(text)) ? TextState.ToBeSubstituted : TextState.NotText;
    }

    /// <summary>A copy in which what cannot be stored is replaced.</summary>
    public static byte[] Substitute(ReadOnlySpan<byte> text) => WithoutZeros(WithoutSurrogates(text));

    private static bool HasSurrogate(ReadOnlySpan<byte> text) => NextSurrogate(text) >= 0;

    // ED is a lead byte wherever it stands, so that a plain search cannot hit the middle of another character.
    private static int NextSurrogate(ReadOnlySpan<byte> text)
    {
        for (var from = 0; ;)
        {
            var lead = text[from..].IndexOf((byte)0xED);
            if (lead < 0 || from + lead + 2 >= text.Length) return -1;
            from += lead;
            if (text[from + 1] is >= 0xA0 and <= 0xBF && text[from + 2] is >= 0x80 and <= 0xBF) return from;
            from++;
        }
    }

    private static byte[] WithoutSurrogates(ReadOnlySpan<byte> text)
    {
        var copy = text.ToArray();
        for (var rest = copy.AsSpan(); NextSurrogate(rest) is >= 0 and var at; rest = rest[(at + 3)..]) Replacement.CopyTo(rest[at..]);
        return copy;
    }

    private static byte[] WithoutZeros(byte[] text)
    {
        var zeros = text.AsSpan().Count((byte)0);
        if (zeros == 0) return text;
        var copy = new byte[text.Length + (zeros * (Replacement.Length - 1))];
        var to = 0;
        foreach (var part in text)
        {
            if (part == 0) Replacement.CopyTo(copy.AsSpan(to));
            else copy[to] = part;
            to += part == 0 ? Replacement.Length : 1;
        }

        return copy;
    }
}

internal enum TextState
{
    Storable,
    ToBeSubstituted,
    NotText,
}
