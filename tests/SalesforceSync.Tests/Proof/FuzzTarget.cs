using System.Text;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Decode;
using SalesforceSync.Tests.Snapshot;

namespace SalesforceSync.Tests.Proof;

/// <summary>A parser of the product that takes bytes from elsewhere, with good ones to make bad ones of.</summary>
/// <param name="TakeAsync">Gives the bytes to it: what came of them, in a word or two. It throws what no such bytes may bring about.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Good, Func<byte[], Task<string>> TakeAsync)
{
    private const string Accepted = "accepted";

    private const string Describe = """
        {"name":"Account","keyPrefix":"001","queryable":true,"replicateable":true,"fields":[{"name":"Name","type":"string","compoundFieldName":"Name","length":255,
        "precision":0,"scale":0,"calculated":false,"nillable":true,"extraTypeInfo":"plaintextarea"},{"name":"Total__c","type":"double","precision":18,"scale":2}]}
        """;

    private const string Global = """{"sobjects":[{"name":"Account","keyPrefix":"001","queryable":true,"replicateable":true},{"name":"Contact","keyPrefix":null}]}""";

    private const string Limits = """{"DailyApiRequests":{"Max":15000,"Remaining":14998},"DailyDeliveredPlatformEvents":{"Max":50000,"Remaining":1}}""";

    private const string Error = """[{"errorCode":"INVALID_FIELD","message":"No such column \u0027X\u0027"}]""";

    private const string Token = """
        {"access_token":"00DDp0000000001!CANARY.token","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00DDp0000000001EAA/005Dp0000000001AAA",
        "refresh_token":"CANARY-refresh","token_type":"Bearer","error":"invalid_grant","error_description":"login rate exceeded"}
        """;

    private const string Record = """
        {"attributes":{"type":"Account"},"Id":"001000000000001AAA","IsDeleted":false,"SystemModstamp":"2026-01-31T23:59:59.000+0000","Name":"A \ud83d\ude00 \"b\"","Total__c":1.50}
        """;

    private const string Options = """
        {"ConnectionStrings":{"Postgres":"Host=db;Username=sync;Password=CANARY-pg;Database=copy"},"Http":{"Port":8080},"Orgs":{"acme":{"LoginUrl":"https://acme.my.salesforce.com",
        "Channels":["/data/ChangeEvents"],"Objects":{"Account":{"Fields":["Name"]},"*":{"Deletes":"Hard"}},"Sweep":"30 2 * * *","QuietPeriod":"00:00:01","Schema":"acme",
        "Auth":{"Flow":"ClientCredentials","ClientId":"CANARY-id","ClientSecret":"CANARY-secret"}}}}
        """;

    private static readonly (string Place, string Secret)[] Secrets =
        [("\":\"Host=db;Username=sync;Password=CANARY-pg", "CANARY-pg"), ("\":\"CANARY-secret", "CANARY-secret")];

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. Payloads(), Schemas(), CsvPages(), .. Answers(), Configurations(), Frames()];

    private static IEnumerable<FuzzTarget> Payloads() => GoldenVectorTests.Files().Select(file =>
    {
        var schema = GoldenVectorTests.Compile(file);
        return new FuzzTarget("Avro payload", [.. GoldenVectorTests.Payloads(file)], bytes => Task.FromResult(MutationFuzzTests.IsDecoded(schema, bytes) ? Accepted : nameof(DecodeException)));
    });

    private static FuzzTarget Schemas() => Of("Avro schema", [HostileSchemaTests.Whole], bytes =>
    {
        EventSchema.Compile("fuzz", Encoding.UTF8.GetString(bytes));
        return Accepted;
    }, refusal => refusal is SchemaException);

    private static FuzzTarget CsvPages() => new("CSV page", [Encoding.UTF8.GetBytes(CsvPageTests.Whole)], async bytes =>
    {
        var (rows, failure) = await CsvPageTests.TryAsync(bytes, bytes.Length % 2 == 0 ? 2 : null);
        return failure?.GetType().Name ?? $"{rows.Count} rows";
    });

    private static IEnumerable<FuzzTarget> Answers() =>
    [
        Of("describe answer", [Describe, Global], bytes => Json(bytes) is { } json
            ? DescribeAnswer.Read(json.RootElement) is not null || DescribeAnswer.ReadGlobal(json.RootElement) is not null ? Accepted : "nothing described" : "no JSON", _ => false),
        Of("limits answer", [Limits], bytes => Json(bytes) is { } json ? ApiLimits.Read(json.RootElement) is { DailyApiRequests: not null } ? Accepted : "no allowance" : "no JSON", _ => false),
        Of("error answer", [Error], bytes => new SalesforceAnswer(System.Net.HttpStatusCode.BadRequest, null, bytes).ErrorCode() is var code && code.StartsWith("no ", StringComparison.Ordinal) ? code : Accepted, _ => false),
        Of("token answer", [Token], bytes =>
        {
            TokenAnswer.Read("acme", new(bytes.Length % 2 == 0 ? System.Net.HttpStatusCode.OK : System.Net.HttpStatusCode.BadRequest, null, bytes), DateTimeOffset.UnixEpoch);
            return Accepted;
        }, refusal => refusal is SignInException),
        Of("record answer", [Record], bytes =>
        {
            if (Json(bytes) is not { } json) return "no JSON";
            RecordJson.Row(json.RootElement, CsvPageTests.Shape);
            return Accepted;
        }, refusal => refusal is UnreadableValueException or FormatException),
    ];

    private static FuzzTarget Configurations() => Of("configuration", [Options], bytes =>
    {
        using var scratch = new ScratchConfiguration();
        var text = Encoding.UTF8.GetString(bytes);
        scratch.Json("appsettings.json", text);
        var configuration = new SyncConfiguration(scratch.Sources());
        configuration.ReadAll();
        // What stands where a secret does is never said. A copy of it that has got elsewhere is a name, or a value like any other.
        foreach (var (_, secret) in Secrets.Where(secret => text.Contains(secret.Place, StringComparison.Ordinal) && text.Split(secret.Secret).Length == 2))
            configuration.Faults.Select(fault => $"{fault}").ShouldAllBe(fault => !fault.Contains(secret, StringComparison.Ordinal));
        return configuration.Faults.Count == 0 ? Accepted : "faults named";
    }, _ => false);

    private static FuzzTarget Frames()
    {
        var messages = Enumerable.Range(1, 3).SelectMany(n => GrpcFrame.ToArray(new Eventbus.V1.FetchResponse { LatestReplayId = Google.Protobuf.ByteString.CopyFrom(new byte[n * 5]), RpcId = "rpc" })).ToArray();
        return new("gRPC frames", [messages], async bytes =>
        {
            var reader = new FlatFrameReader(new MemoryStream(bytes), 1 << 20);
            var read = 0;
            try
            {
                while (await reader.ReadAsync(CancellationToken.None) is { } message)
                {
                    Eventbus.V1.FetchResponse.Parser.ParseFrom(message.Span);
                    read++;
                }
                return $"{read} messages";
            }
            catch (Exception refusal) when (refusal is GrpcException or Google.Protobuf.InvalidProtocolBufferException)
            {
                return refusal.GetType().Name;
            }
        });
    }

    private static JsonDocument? Json(byte[] bytes) => new SalesforceAnswer(System.Net.HttpStatusCode.OK, null, bytes).Json();

    private static FuzzTarget Of(string name, string[] good, Func<byte[], string> take, Func<Exception, bool> isRefusal) => new(name, [.. good.Select(Encoding.UTF8.GetBytes)], bytes =>
    {
        try
        {
            return Task.FromResult(take(bytes));
        }
        catch (Exception refusal) when (isRefusal(refusal))
        {
            return Task.FromResult(refusal.GetType().Name);
        }
    });
}
