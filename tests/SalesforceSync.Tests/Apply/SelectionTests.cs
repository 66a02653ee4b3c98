using SalesforceSync.Apply;

namespace SalesforceSync.Tests.Apply;

public class SelectionTests
{
    private static readonly ObjectRule Nothing = new(Include: false);

    [Fact]
    public void The_same_selection_is_no_wider_even_after_it_was_stored()
    {
        var selection = Of(("Account", new ObjectRule(Fields: Set("Name", "Industry"))), ("*", new ObjectRule(Exclude: Set("Secret__c"))));
        selection.WidenedSince(Selection.FromJson(selection.ToJson())).ShouldBeEmpty();
    }

    [Fact]
    public void An_object_that_was_left_out_and_is_included_now_has_a_past_nobody_saw()
    {
        Of(("Account", ObjectRule.All)).WidenedSince(Of(("Account", Nothing))).ShouldBe(["Account"]);
        Of(("*", ObjectRule.All)).WidenedSince(Of(("Account", ObjectRule.All), ("*", Nothing))).ShouldBe(["*"]);
    }

    [Fact]
    public void A_rule_taken_away_leaves_the_object_to_the_rest()
    {
        Of(("*", ObjectRule.All)).WidenedSince(Of(("Account", Nothing), ("*", ObjectRule.All))).ShouldBe(["Account"]);
    }

    [Theory]
    [InlineData("Name", "Name,Industry", true)]
    [InlineData("Name,Industry", "Name", false)]
    [InlineData("Name", null, true)]
    [InlineData(null, "Name", false)]
    public void More_fields_are_wider(string? before, string? now, bool wider)
    {
        var widened = Of(("Account", new ObjectRule(Fields: Split(now)))).WidenedSince(Of(("Account", new ObjectRule(Fields: Split(before)))));
        widened.Count.ShouldBe(wider ? 1 : 0);
    }

    [Fact]
    public void A_field_no_longer_excluded_is_wider_and_a_new_exclusion_is_not()
    {
        Of(("Account", ObjectRule.All)).WidenedSince(Of(("Account", new ObjectRule(Exclude: Set("X"))))).ShouldBe(["Account"]);
        Of(("Account", new ObjectRule(Exclude: Set("X")))).WidenedSince(Of(("Account", ObjectRule.All))).ShouldBeEmpty();
    }

    private static Selection Of(params (string Name, ObjectRule Rule)[] rules) => new(rules.ToDictionary(r => r.Name, r => r.Rule));

    private static HashSet<string> Set(params string[] names) => [.. names];

    private static HashSet<string>? Split(string? names) => names is null ? null : Set(names.Split(','));
}
