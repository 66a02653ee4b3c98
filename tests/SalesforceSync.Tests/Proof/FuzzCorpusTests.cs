using System.Text;

namespace SalesforceSync.Tests.Proof;

public sealed class FuzzCorpusTests : IDisposable
{
    private static readonly FuzzTarget Target = new("a target", [Encoding.UTF8.GetBytes("good")], _ => Task.FromResult("accepted"));

    private readonly string _folder = Directory.CreateTempSubdirectory("sync-corpus-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_accepted_is_there_in_the_next_run_and_what_was_refused_is_not()
    {
        var corpus = new FuzzCorpus(Target, _folder);
        corpus.Keep([1, 2], "accepted", new Random(1));
        corpus.Keep([3], "FormatException", new Random(1));
        corpus.Save();
        var next = new FuzzCorpus(Target, _folder);
        next.Kept.ShouldBe(1);
        var random = new Random(1);
        Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(next.Pick(random))).Distinct().Order().ShouldBe(["0102", Convert.ToHexString(Target.Good[0])]);
    }

    [Fact]
    public void It_does_not_grow_without_end()
    {
        var corpus = new FuzzCorpus(Target, _folder);
        for (var i = 0; i < 1_000; i++) corpus.Keep([1], "accepted", new Random(i));
        corpus.Kept.ShouldBe(300);
    }
}
