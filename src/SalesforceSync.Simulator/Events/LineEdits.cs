namespace SalesforceSync.Simulator.Events;

internal enum LineEditKind
{
    Keep,
    Remove,
    Add
}

/// <summary>What becomes of one line, or a new line.</summary>
internal readonly record struct LineEdit(LineEditKind Kind, string Line);

/// <summary>The fewest line edits from one text to another, by the longest common subsequence.</summary>
internal static class LineEdits
{
    /// <param name="mostCells">Where the table would be larger, nothing is computed.</param>
    /// <returns>Null where it would take too much.</returns>
    public static IReadOnlyList<LineEdit>? Between(string[] old, string[] now, int mostCells)
    {
        var head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head]) head++;
        var tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        if ((long)(old.Length - head - tail) * (now.Length - head - tail) > mostCells) return null;

        var edits = new List<LineEdit>(old.Length + now.Length);
        edits.AddRange(old[..head].Select(line => new LineEdit(LineEditKind.Keep, line)));
        Middle(old[head..^tail], now[head..^tail], edits);
        edits.AddRange(old[^tail..].Select(line => new LineEdit(LineEditKind.Keep, line)));
        return edits;
    }

    private static void Middle(string[] old, string[] now, List<LineEdit> edits)
    {
        // common[i, j]: how many lines the rest of the old from i and the rest of the new from j have in common.
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                edits.Add(new LineEdit(LineEditKind.Keep, old[i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (j >= now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                edits.Add(new LineEdit(LineEditKind.Remove, old[i++]));
            }
            else
            {
                edits.Add(new LineEdit(LineEditKind.Add, now[j++]));
            }
        }
    }
}
