using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceSync.Simulator.Events;

/// <summary>
/// A change of a long text the way Salesforce sends it (Change Data Capture guide, "Sending Data Differences for Fields of Updated Records"): a unified diff over
/// lines whose second line names the SHA-256 of the whole new value.
/// </summary>
internal static class TextDifference
{
    private const int ShortestText = 1000;
    private const int Context = 3;
    private const int MostCells = 4_000_000;

    /// <returns>Null where Salesforce sends the whole value.</returns>
    public static string? Between(string before, string after)
    {
        if (before.Length < ShortestText || after.Length < ShortestText) return null;
        if (Math.Abs(before.Length - after.Length) * 2 > Math.Max(before.Length, after.Length)) return null;
        string[] old = Lines(before), now = Lines(after);
        if (LineEdits.Between(old, now, MostCells) is not { } edits) return null;
        var changed = edits.Count(edit => edit.Kind != LineEditKind.Keep);
        if (changed == 0 || changed * 4 > old.Length + now.Length) return null;
        var difference = Spell(edits, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(after))));
        return difference.Length < after.Length ? difference : null;
    }

    private static string[] Lines(string text) => text.Split(["\r\n", "\n", "\r"], StringSplitOptions.None);

    private static string Spell(IReadOnlyList<LineEdit> edits, string hash)
    {
        var text = new StringBuilder("--- \n+++ ").Append(hash);
        var (oldLine, newLine) = (0, 0);
        for (var at = 0; at < edits.Count;)
        {
            if (edits[at].Kind == LineEditKind.Keep && !ChangeWithin(edits, at, Context))
            {
                (at, oldLine, newLine) = (at + 1, oldLine + 1, newLine + 1);
                continue;
            }
            var end = EndOfHunk(edits, at);
            var hunk = edits.Skip(at).Take(end - at).ToArray();
            var (olds, news) = (hunk.Count(edit => edit.Kind != LineEditKind.Add), hunk.Count(edit => edit.Kind != LineEditKind.Remove));
            // A side without lines is named by the line before it.
            text.Append(CultureInfo.InvariantCulture, $"\n@@ -{oldLine + (olds > 0 ? 1 : 0)},{olds} +{newLine + (news > 0 ? 1 : 0)},{news} @@");
            foreach (var edit in hunk) text.Append('\n').Append(" -+"[(int)edit.Kind]).Append(edit.Line);
            (at, oldLine, newLine) = (end, oldLine + olds, newLine + news);
        }
        return text.ToString();
    }

    // Three lines of context at each end; hunks whose contexts touch are one.
    private static int EndOfHunk(IReadOnlyList<LineEdit> edits, int at)
    {
        var end = at;
        for (var i = at; i < edits.Count && i <= end + (2 * Context); i++)
        {
            if (edits[i].Kind != LineEditKind.Keep) end = i + 1;
        }
        return Math.Min(edits.Count, end + Context);
    }

    private static bool ChangeWithin(IReadOnlyList<LineEdit> edits, int at, int lines)
    {
        for (var i = at; i < edits.Count && i <= at + lines; i++)
        {
            if (edits[i].Kind != LineEditKind.Keep) return true;
        }
        return false;
    }
}
