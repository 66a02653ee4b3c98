namespace SalesforceSync.Cli.Demo;

/// <summary>What a person sees of the demo. Any thread.</summary>
internal interface IDemoScreen
{
    /// <summary>One line about what is happening.</summary>
    void Announce(string line);

    /// <summary>Lines to copy and paste from: as they are, without a time.</summary>
    void Print(IEnumerable<string> lines);

    /// <summary>Shows figures as they change, until told to stop.</summary>
    Task ShowAsync(Func<DemoFigures> figures, CancellationToken stop);
}
