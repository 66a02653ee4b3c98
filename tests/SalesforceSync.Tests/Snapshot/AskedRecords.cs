using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Apply.Evidence;
using SalesforceSync.Tests.Salesforce;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>A table of accounts, and a Salesforce that is asked for them by id and shows those it is told to.</summary>
internal sealed partial class AskedRecords : IAsyncDisposable
{
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));
    private static readonly TestChanges Account = new("Account");

    private readonly LoginServer _server;
    private readonly TokenSource _tokens;

    private AskedRecords(ReadOrg org, LoginServer server)
    {
        (Org, _server, _tokens) = (org, server, server.Source(Flow));
        server.Rest = AnswerAsync;
        Rest = new(server.Org(Flow), _tokens, new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance));
    }

    public static EventSchema Schema { get; } = new TestSchema("Account").Text("Name").Build("s1");

    public static ReadShape Shape { get; } = new(ReadOrg.Shape("Name"), HasIsDeleted: true, HasStamp: false, "001", null);

    public ReadOrg Org { get; }

    public RestClient Rest { get; }

    /// <summary>What Salesforce shows: the id, and whether it lies in the recycle bin.</summary>
    public Dictionary<string, bool> Shown { get; } = [];

    public bool IsQueryable { get; set; } = true;

    /// <summary>What the answers call a record's id.</summary>
    public string IdName { get; set; } = "Id";

    public static string Id(int i) => $"001000000000{i:000}AAA";

    /// <param name="rows">Accounts in the table; Salesforce shows all of them.</param>
    public static async Task<AskedRecords> OpenAsync(int rows)
    {
        var asked = new AskedRecords(await ReadOrg.OpenAsync(), await LoginServer.StartAsync());
        await asked.Org.ApplyAsync([.. Enumerable.Range(1, rows).Select(i => Account.Create(Schema, Id(i), ("Name", Value.Of("here"))))]);
        for (var i = 1; i <= rows; i++) asked.Shown[Id(i)] = false;
        return asked;
    }

    public Task ChangeAsync(string id) => Org.ApplyAsync(Account.Update(Schema, id, ("Name", Value.Of("changed"))));

    public void Hide(params IEnumerable<int> records)
    {
        foreach (var i in records) Shown.Remove(Id(i));
    }

    /// <summary>A reading of everything that has seen the records shown now, ended.</summary>
    public async Task<Read> ReadAsync(DateTimeOffset? at = null)
    {
        var read = await Org.BeginAsync(at: at);
        foreach (var (id, deleted) in Shown)
            await Org.RunAsync($"insert into salesforce_sync.seen (read, record_id, deleted) values ({read.Id}, '{id}', {deleted})");
        await Org.RunAsync($"update salesforce_sync.read set notes_seen = true, rows_merged = {Shown.Count} where id = {read.Id}");
        return read with { RowsMerged = Shown.Count };
    }

    public Task<Absences> JudgeAsync(Read read) => new AbsenceCheck(Org.Source, Org.Ownership, "acme", Rest).JudgeAsync(read, Shape, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _tokens.Dispose();
        await _server.DisposeAsync();
        await Org.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.EndsWith("/describe", StringComparison.Ordinal))
            return context.Response.WriteAsync($$"""{"name":"Account","queryable":{{(IsQueryable ? "true" : "false")}},"fields":[]}""");
        var records = Ids().Matches(context.Request.Query["q"].ToString()).Select(m => m.Value).Where(Shown.ContainsKey)
            .Select(id => $$"""{"{{IdName}}":"{{id}}","IsDeleted":{{(Shown[id] ? "true" : "false")}},"Name":"there"}""");
        return context.Response.WriteAsync($$"""{"done":true,"records":[{{string.Join(',', records)}}]}""");
    }

    [GeneratedRegex("001[0-9]{12}AAA")]
    private static partial Regex Ids();
}
