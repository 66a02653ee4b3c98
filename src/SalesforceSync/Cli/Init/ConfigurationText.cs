using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceSync.Configuration;

namespace SalesforceSync.Cli.Init;

/// <summary>
/// Writes a JSON file with comments. Each value has a comma, also the last one: the reader allows it, and a default that stands there as a comment comes
/// into force when its slashes are taken away.
/// </summary>
internal sealed partial class ConfigurationText
{
    private const int WidestComment = 110;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private int _depth;

    public static string Json(string text) => JsonSerializer.Serialize(text, Readable);

    /// <param name="name">Null: the file itself.</param>
    public void Open(string? name)
    {
        Line(name is null ? "{" : $"{Json(name)}: {{");
        _depth++;
    }

    public void Close()
    {
        _depth--;
        Line(_depth == 0 ? "}" : "},");
    }

    public void Value(string name, string json) => Line($"{Json(name)}: {json},");

    /// <summary>What a key does, then its value.</summary>
    public void Told(string path, string json)
    {
        var key = Key(path);
        Comment(Plain(key.Meaning));
        Value(key.Name, json);
    }

    /// <summary>What a key does, and its default as a comment.</summary>
    public void Left(string path)
    {
        var key = Key(path);
        Comment(Plain(key.Meaning));
        Line($"//{Json(key.Name)}: {key.Written},");
    }

    public void Comment(string text)
    {
        var line = new StringBuilder();
        foreach (var word in OneLine(text).Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length > WidestComment)
            {
                Line($"// {line}");
                line.Clear();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        Line($"// {line}");
    }

    /// <summary>A line within a comment as it is.</summary>
    public void Remark(string line) => Line($"//   {OneLine(line)}");

    public override string ToString() => _text.ToString();

    private void Line(string line) => _text.Append(' ', _depth * 2).Append(line).Append('\n');

    // What was answered stands in comments too, before anybody has looked at it.
    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)]);

    private static ConfigurationKey Key(string path) => ConfigurationKeys.All.Single(k => k.Path == path);

    /// <summary>Without what only a page of documentation can show.</summary>
    private static string Plain(string meaning) => Link().Replace(meaning, "docs/$1").Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\[[^\]]+\]\(([^)]+)\)")]
    private static partial Regex Link();
}
