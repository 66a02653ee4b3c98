using System.Net;
using System.Text;
using System.Text.Json;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Snapshot;

namespace SalesforceSync.Tests.Salesforce;

/// <summary>What stands in an answer where a text or a number should, and is none, is missing: nobody fails of it. Found by mutilated answers, seed 1.</summary>
public class AnswerTextTests
{
    /// <summary>No UTF-8, and half of a surrogate pair.</summary>
    public static TheoryData<string> NoTexts => ["\u00d6", "\\ud800"];

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void A_text_that_is_none_is_missing(string text)
    {
        Answer($$"""[{"errorCode":"A{{text}}"}]""").ErrorCode().ShouldBe("no error code");
        DescribeAnswer.Read(Json($$"""{"fields":[{"name":"{{text}}"},{"name":"Name","type":"{{text}}"}]}""")).ShouldNotBeNull().Fields.ShouldHaveSingleItem().Type.ShouldBe("string");
        Should.Throw<SignInUnavailableException>(() => TokenAnswer.Read("acme", Answer($$"""{"access_token":"{{text}}"}"""), DateTimeOffset.UnixEpoch));
        Should.Throw<FormatException>(() => RecordJson.Row(Json($$"""{"Id":"{{text}}"}"""), CsvPageTests.Shape));
    }

    [Theory]
    [InlineData("\\ud83dId")]
    [InlineData("I\\ud800d")]
    [InlineData("\\ude00\\ude00")]
    public void A_name_that_is_none_is_passed_over(string name)
    {
        RecordJson.Row(Json($$"""{"{{name}}":1,"Id":"001000000000001AAA","{{name}}d":2}"""), CsvPageTests.Shape).Id.ShouldBe("001000000000001AAA");
        Answer($$"""[{"{{name}}":1,"errorCode":"INVALID_FIELD","{{name}}x":2}]""").ErrorCode().ShouldBe("INVALID_FIELD");
        ApiLimits.Read(Json($$"""{"{{name}}":1,"DailyApiRequests":{"{{name}}":0,"Max":15000,"Remaining":1} }""")).DailyApiRequests.ShouldNotBeNull();
        DescribeAnswer.Read(Json($$"""{"{{name}}":1,"fields":[{"{{name}}":1,"name":"Name","type":"string"}]}""")).ShouldNotBeNull().Fields.ShouldHaveSingleItem().Name.ShouldBe("Name");
    }

    [Fact]
    public void A_number_that_is_none_is_missing() =>
        ApiLimits.Read(Json("""{"DailyApiRequests":{"Max":"15000","Remaining":1},"DailyDeliveredPlatformEvents":7}""")).ShouldBe(new ApiLimits(null, null));

    private static JsonElement Json(string json) => Answer(json).Json()!.RootElement;

    private static SalesforceAnswer Answer(string json) => new(HttpStatusCode.OK, null, Encoding.Latin1.GetBytes(json));
}
