using System.Reflection;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Diagnostics;

public class CrashPointTests
{
    [Fact]
    public void Every_name_is_listed_once()
    {
        var constants = typeof(CrashPoints).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
        CrashPoints.All.ShouldBe(constants, ignoreOrder: true);
        CrashPoints.All.ShouldBeUnique();
    }

#if CRASH_POINTS
    [Theory]
    [InlineData("apply.before-commit", "apply.before-commit", 1)]
    [InlineData("apply.before-commit:3", "apply.before-commit", 3)]
    [InlineData("", null, 0)]
    [InlineData(null, null, 0)]
    public void The_variable_names_the_place_and_the_hit(string? text, string? name, int hit) => CrashPoint.Parse(text).ShouldBe((name, hit));

    [Theory]
    [InlineData("apply.never")]
    [InlineData("apply.before-commit:0")]
    [InlineData("apply.before-commit:1:2")]
    public void A_name_that_does_not_exist_is_refused_so_that_no_crash_test_passes_for_want_of_a_crash(string text) =>
        Should.Throw<InvalidOperationException>(() => CrashPoint.Parse(text)).Message.ShouldContain("apply.after-commit");
#endif
}
