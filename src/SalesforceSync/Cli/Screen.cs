using Spectre.Console;

namespace SalesforceSync.Cli;

/// <summary>Shows rows: a table on a terminal, one line per row with tabs between the cells otherwise.</summary>
internal static class Screen
{
    public static async Task ShowAsync(Surroundings surroundings, string[] headings, IReadOnlyList<string[]> rows)
    {
        if (!surroundings.IsTerminal)
        {
            await surroundings.Out.WriteLineAsync(string.Join('\t', headings));
            foreach (var row in rows)
                await surroundings.Out.WriteLineAsync(string.Join('\t', row.Select(OneLine)));
            return;
        }
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(OneLine(cell))));
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Out) }).Write(table);
    }

    private static string OneLine(string cell) => new([.. cell.Select(c => char.IsControl(c) ? ' ' : c)]);
}
