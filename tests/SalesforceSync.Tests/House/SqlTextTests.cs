using System.Text.RegularExpressions;

namespace SalesforceSync.Tests.House;

/// <summary>
/// Nothing that came from elsewhere becomes part of a statement but through <c>Sql.Quote</c>: what stands in the holes of SQL is a quoted name, a constant, or a piece that
/// was made of those and whose name is known here. A new one is looked at by a person, and named.
/// </summary>
public partial class SqlTextTests
{
    /// <summary>Locals, parameters and functions that hold pieces of SQL: quoted names, lists of them, types of ours, dates and numbers.</summary>
    private static readonly HashSet<string> Pieces =
    [
        .. "table stage columns name list copy ids type quoted definition reader writer setting value points here turn composed later i".Split(' '), "sql.Stage", "server.Database", "c.Becomes",
    ];

    [Fact]
    public void No_statement_holds_what_came_from_elsewhere_unquoted()
    {
        var sources = Repository.Sources("src/SalesforceSync").ToList();
        sources.Sum(source => InterpolatedText.Of(source.Text).Count(IsSql)).ShouldBeGreaterThan(120);
        sources.SelectMany(source => Offences(source.Text).Select(hole => $"{source.Path}: {hole}"))
            .ShouldBeEmpty("what comes from elsewhere goes through Sql.Quote, or is a parameter; a piece of our own is named in Pieces");
    }

    [Theory]
    [InlineData("""await RunAsync($"drop table {schema}.{table}", stop);""", "schema")]
    [InlineData("""var sql = $"select * from acme.{objectName} where id = $1";""", "objectName")]
    [InlineData("""var sql = $"update {table.Quoted} set {c.Name} = $1";""", "c.Name")]
    [InlineData("""var sql = $"update {table.Quoted} set {string.Join(", ", columns.Select(c => $"{c.Name} = $1"))}";""", "c.Name")]
    [InlineData("""var sql = $"update {table.Quoted} set x = '{Options.Schema}'";""", "Options.Schema")]
    [InlineData("var sql = $\"\"\"\n    with a as (select 1)\n    delete from {record.Object}\n    \"\"\";", "record.Object")]
    [InlineData("var sql = $$\"\"\"\n    insert into t values ('{}', {{id}})\n    \"\"\";", "id")]
    [InlineData("""var sql = $"select {"x"}, {text} from t";""", "text")]
    public void What_came_from_elsewhere_is_seen(string code, string hole) => Offences(code).ShouldBe([hole]);

    [Theory]
    [InlineData("""var sql = $"drop table {Sql.Quote(schema, name)}";""")]
    [InlineData("""var sql = $"select {string.Join(", ", columns.Select(c => Sql.Quote(c)))} from {table.Quoted} where {Owned}";""")]
    [InlineData("""throw new InvalidOperationException($"{org}: the cursor moved");""")]
    public void What_is_quoted_and_what_is_no_sql_is_let_be(string code) => Offences(code).ShouldBeEmpty();

    // A repair is as young as what asked for it last: a reading that is older than that, or about as old, does not answer it (world 1603).
    [Fact]
    public void Whatever_asks_for_an_open_repair_again_says_when()
    {
        var again = Repository.Sources("src/SalesforceSync").SelectMany(source => AskedAgain().Matches(source.Text).Select(match => (source.Path, Update: match.Groups[1].Value))).ToList();
        again.Count.ShouldBeGreaterThan(7);
        again.Where(asked => !asked.Update.Contains("asked_at = clock_timestamp()", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static List<string> Offences(string code) =>
        [.. InterpolatedText.Of(code).Where(text => IsSql(text) || text.Within is { } outer && IsSql(outer)).SelectMany(text => text.Holes).Where(hole => !IsKnown(hole))];

    private static bool IsSql(InterpolatedText text) => Statement().IsMatch(text.Text);

    private static bool IsKnown(string hole) =>
        hole.Contains("Sql.Quote(", StringComparison.Ordinal) || hole.StartsWith("Sql.Literal(", StringComparison.Ordinal) || Pieces.Contains(hole) || Quoted().IsMatch(hole) || Literal().IsMatch(hole)
        || (Constant().IsMatch(hole) && !Foreign().IsMatch(hole)) || Made().IsMatch(hole);

    // SOQL, which goes to Salesforce, is written in capitals.
    [GeneratedRegex("^\\(?(select|insert into|update|delete from|create|alter|drop|lock table|truncate|grant|revoke|copy|analyze|with|merge into|set local|set) ")]
    private static partial Regex Statement();

    [GeneratedRegex("on conflict \\(org, object, record_id, reason\\) where state = 'open'\\s+do update set ([^\"]*)")]
    private static partial Regex AskedAgain();

    [GeneratedRegex("(^|\\.)Quoted$|\\.Sql\\(\\)$|\\bindex$|\\.Index$", RegexOptions.IgnoreCase)]
    private static partial Regex Quoted();

    [GeneratedRegex("^\"[^\"]*\"$")]
    private static partial Regex Literal();

    // Constants and what a class has made of quoted names.
    [GeneratedRegex("^[A-Z]\\w*(\\.[A-Z]\\w*)*$|^values\\.Table$")]
    private static partial Regex Constant();

    [GeneratedRegex("(^|\\.)(Name|Schema|Object|Org|Field|Column|Channel|Id|RecordId|Value|Text|Condition)$")]
    private static partial Regex Foreign();

    // Functions that join pieces; strings within them are looked at by themselves.
    [GeneratedRegex("^(List|Words|Changes|Assignments|Insertion|Merged|Composed|Masked|Value|Row|Kind|Name|NewName|AnyPart|Date|AddColumn|string\\.Join|string\\.Concat)\\(|^\\(.* \\? .* : .*\\)$", RegexOptions.Singleline)]
    private static partial Regex Made();
}
