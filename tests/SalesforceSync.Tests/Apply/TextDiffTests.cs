using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Tests.Decode;

namespace SalesforceSync.Tests.Apply;

/// <summary>Differences by Python's difflib and GNU diff, see tests/vectors/generate/text_diffs.py, and hostile ones.</summary>
public class TextDiffTests
{
    private sealed record Vector(string Name, string Old, string Diff, string? New);

    private static readonly List<Vector> Vectors = JsonSerializer.Deserialize<List<Vector>>(
        File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "vectors", "text-diffs", "diffs.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Names => [.. Vectors.Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_difference_makes_the_new_text_or_nothing(string name)
    {
        var vector = Vectors.Single(v => v.Name == name);

        var made = TextDiff.Apply(Encoding.UTF8.GetBytes(vector.Old), Encoding.UTF8.GetBytes(vector.Diff));

        (made is null ? null : Encoding.UTF8.GetString(made)).ShouldBe(vector.New);
    }

    [Fact]
    public void Bytes_that_are_mutated_never_throw_and_never_make_what_the_hash_does_not_say()
    {
        var random = new Random(17);
        var some = Vectors.Where(v => v.Diff.Length < 4_000).ToList();
        for (var round = 0; round < 4_000; round++)
        {
            var vector = some[random.Next(some.Count)];
            var diff = Encoding.UTF8.GetBytes(vector.Diff);
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                // The hash is left alone, so that what follows it is looked at.
                var at = random.Next(4 + 1 + 4 + 64, diff.Length + 1);
                if (at == diff.Length) diff = diff[..random.Next(74, at)];
                else if (random.Next(2) == 0) diff[at] = (byte)"@-+ \n\r\\0159,"[random.Next(12)];
                else diff = [.. diff[..at], .. diff[random.Next(diff.Length)..]];
                if (diff.Length < 80) break;
            }
            if (TextDiff.Apply(Encoding.UTF8.GetBytes(vector.Old), diff) is { } made)
                Convert.ToHexStringLower(SHA256.HashData(made)).ShouldBe(Encoding.UTF8.GetString(diff)[9..73].ToLowerInvariant());
        }
    }

    [Theory]
    [InlineData("@@ -2147483647,2147483647 +1,1 @@\n a")]
    [InlineData("@@ -1,2147483647 +1,2147483647 @@\n a")]
    [InlineData("@@ -0,0 +2147483647 @@\n+a")]
    [InlineData("@@ -99999999999,1 +1,1 @@\n a")]
    [InlineData("@@ -1,1 +1,1 @@\n\\ No newline at end of file")]
    [InlineData("@@ -1 +1 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b")]
    [InlineData("@@ -,1 +1,1 @@\n a")]
    [InlineData("@@ -1,0 +1,0 @@")]
    [InlineData("@@")]
    [InlineData("")]
    public void Parts_out_of_every_range_are_refused(string parts) =>
        TextDiff.Apply("a"u8, Encoding.UTF8.GetBytes($"--- \n+++ {new string('a', 64)}\n{parts}")).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("---")]
    [InlineData("--- \n+++")]
    [InlineData("--- \n+++ 12ab\n@@ -1 +1 @@\n-a\n+b")]
    [InlineData("an ordinary text")]
    public void What_is_no_difference_is_refused(string text) => TextDiff.Apply("a"u8, Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    [Fact]
    public void A_text_beyond_any_field_is_not_even_tried() =>
        TextDiff.Apply(new byte[TextDiff.Longest + 1], Encoding.UTF8.GetBytes(Vectors[0].Diff)).ShouldBeNull();
}
