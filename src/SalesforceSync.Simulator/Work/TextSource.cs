using System.Globalization;
using System.Text;

namespace SalesforceSync.Simulator.Work;

/// <summary>Makes up text of the kinds that break copies: other scripts, emoji, combining marks, quotes, line ends, text that looks like something else.</summary>
internal sealed class TextSource(Random random)
{
    private static readonly string[] Words =
        ["north", "harbour", "copper", "quiet", "ledger", "maple", "signal", "window", "garden", "paper", "engine", "river", "orange", "stone", "cloud", "market"];

    private static readonly string[] Foreign =
        ["Zürich", "naïve", "Ωμέγα", "Привет", "日本語", "한국어", "עברית", "العربية", "e\u0301te\u0301", "a\u0308o\u0308", "👩‍👩‍👧", "🇨🇭", "𝔘𝔫𝔦", "😀😅", "ﬁne", "\u200Bzero", "Ångström", "ça va"];

    private static readonly string[] Lookalikes =
        ["null", "NULL", "\\N", "''", "'; drop table account; --", "0x800000", "6-0x01", "NaN", "true", "-0", "1e309", "{\"a\":[1]}", "<b>&amp;</b>", "--- \n+++ not a diff", "%s%n", "\\\\server\\share", "${jndi}", "\"quoted\"", "it's", "a;b;c"];

    /// <returns>At least one character, at most <paramref name="maxLength"/>, no blank at either end, nothing Postgres cannot hold.</returns>
    public string Any(int maxLength)
    {
        var text = random.Next(100) switch
        {
            < 55 => Phrase(Words, random.Next(1, 5), ' '),
            < 75 => Phrase(Foreign, random.Next(1, 6), ' '),
            < 85 => Phrase(Lookalikes, 1, ' '),
            < 93 => Phrase([.. Words, .. Lookalikes], random.Next(2, 8), "\n\t\r"[random.Next(3)]),
            < 97 => Phrase([.. Words, .. Foreign], 40, ' '),
            < 99 => "\u0001" + Phrase(Words, 2, '\u007F') + "\uFFFD\uE000",
            _ => Long(maxLength)
        };
        return Fit(text, maxLength);
    }

    public string Letters(int length) => string.Create(length, random, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = (char)('a' + source.Next(26));
    });

    public string Digits(int length) => string.Create(length, random, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = (char)('0' + source.Next(10));
    });

    private string Long(int length)
    {
        var text = new StringBuilder(length + 64);
        while (text.Length < length)
        {
            text.Append(random.Next(3) == 0 ? Foreign[random.Next(Foreign.Length)] : Words[random.Next(Words.Length)]);
            text.Append(random.Next(12) == 0 ? "\r\n" : " ").Append(random.Next(1000).ToString(CultureInfo.InvariantCulture)).Append(' ');
        }
        return text.ToString();
    }

    private string Phrase(string[] from, int count, char separator)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            if (i > 0) text.Append(separator);
            text.Append(from[random.Next(from.Length)]);
        }
        return text.ToString();
    }

    // Salesforce stores no blank at either end and nothing of an empty text; a pair of surrogates is never cut.
    private static string Fit(string text, int maxLength)
    {
        if (text.Length > maxLength) text = text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        text = text.Trim();
        return text.Length == 0 ? "x" : text;
    }
}
