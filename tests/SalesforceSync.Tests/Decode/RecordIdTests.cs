using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class RecordIdTests
{
    [Theory]
    [InlineData("001Dp00000JJkkH", "001Dp00000JJkkHIAT")]
    [InlineData("005Dp000000Ppjs", "005Dp000000PpjsIAC")]
    [InlineData("005Dp00000340bF", "005Dp00000340bFIAQ")]
    [InlineData("000000000000000", "000000000000000AAA")]
    [InlineData("ZZZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZZZ555")]
    [InlineData("001Dp00000JJkkHIAT", "001Dp00000JJkkHIAT")]
    [InlineData("000000000000000AAA", "000000000000000AAA")]
    [InlineData("001*", "001*")]
    [InlineData("", null)]
    [InlineData("001", null)]
    [InlineData("001?", null)]
    [InlineData("**1*", null)]
    [InlineData("001Dp00000JJkk", null)]
    [InlineData("001Dp00000JJkkH'", null)]
    [InlineData("001Dp00000JJkkHIA-", null)]
    [InlineData("001Dp00000JJkkHIATX", null)]
    public void Record_id_is_widened_to_eighteen_characters_or_refused(string id, string? expected) => RecordId.Of(Encoding.ASCII.GetBytes(id)).ShouldBe(expected);
}
