using SalesforceSync.Apply;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Apply;

/// <summary>Which streamed numbers only Salesforce can tell exactly (rule D6).</summary>
public class NumericTextTests
{
    [Theory]
    [InlineData("9999999999999999.99")]
    [InlineData("123456789012345.004")]
    [InlineData("-100000000000000.01")]
    [InlineData("98765432109876543")]
    [InlineData("0.30000000000000004")]
    public void A_number_whose_digits_a_double_may_have_lost_is_asked_for(string entered) => MayBeRounded(entered).ShouldBeTrue();

    [Theory]
    [InlineData("0")]
    [InlineData("0.01")]
    [InlineData("-12345678901.25")]
    [InlineData("99999999999999")]
    [InlineData("1767225600000")]
    public void A_number_that_a_double_carries_whole_is_not(string entered) => MayBeRounded(entered).ShouldBeFalse();

    private static bool MayBeRounded(string entered) =>
        NumericText.MayBeRounded(FieldValue.Of(double.Parse(entered, System.Globalization.CultureInfo.InvariantCulture)));
}
