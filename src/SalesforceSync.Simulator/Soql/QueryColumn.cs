namespace SalesforceSync.Simulator.Soql;

/// <summary>A column that can be selected and asked for.</summary>
/// <param name="Name">API name.</param>
/// <param name="Type">Describe's word: <c>string</c>, <c>id</c>, <c>datetime</c> ...</param>
/// <param name="Read">string, bool, int, double, decimal, <see cref="DateTimeOffset"/>, <see cref="DateOnly"/>, <see cref="TimeOnly"/> or null.</param>
internal record QueryColumn<TRow>(string Name, string Type, Func<TRow, object?> Read);
