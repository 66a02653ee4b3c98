using System.Globalization;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Tests.Simulator;

public class WireTextTests
{
    [Theory]
    [InlineData(12, "12.0")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(15_000_000, "1.5E7")]
    [InlineData(0.0001, "1.0E-4")]
    [InlineData(-1E-12, "-1.0E-12")]
    [InlineData(123456789012345.67, "1.2345678901234567E14")]
    public void Numbers_are_written_as_Java_writes_them(double number, string text) => WireText.Number(number).ShouldBe(text);

    [Fact]
    public void Written_number_reads_as_the_same_number()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var number = double.Parse(string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64(1, 1_000_000_000_000_000)}e-{random.Next(0, 25)}"), CultureInfo.InvariantCulture);
            double.Parse(WireText.Number(number), CultureInfo.InvariantCulture).ShouldBe(number);
        }
    }
}
