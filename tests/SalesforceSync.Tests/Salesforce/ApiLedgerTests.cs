using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SalesforceSync.Salesforce;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Salesforce;

public class ApiLedgerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [PostgresFact]
    public async Task However_many_book_at_once_no_more_leave_than_the_budget_has()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var ledgers = Enumerable.Range(0, 4).Select(_ => org.Ledger(callsPerMonth: 20)).ToArray();
        var classes = new[] { CallClass.Repair, CallClass.WriteBack, CallClass.Describe };
        var booked = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => IsBookedAsync(ledgers[i % 4], classes[i % 3])));
        booked.Count(b => b).ShouldBe(20);
        (await org.ScalarAsync<long>("select sum(calls) from salesforce_sync.api_call")).ShouldBe(20);
        (await org.ScalarAsync<long>("select sum(calls) from salesforce_sync.api_spent")).ShouldBe(20);
        (await org.ScalarAsync<long>("select sum(refused) from salesforce_sync.api_spent where refused_since is not null")).ShouldBe(40);
    }

    [PostgresFact]
    public async Task A_booked_call_is_on_disk_before_it_leaves_also_where_commits_are_asynchronous()
    {
        await using var org = await BudgetedOrg.StartAsync();
        await FlushWatch.InstallAsync(org.Source, "salesforce_sync.api_spent", "insert or update");
        await org.Ledger().BookAsync("acme", CallClass.Repair, None);
        (await FlushWatch.SeenAsync(org.Source)).ShouldBe("on");
    }

    [PostgresFact]
    public async Task The_reserve_is_for_repair_and_sign_in_is_never_refused()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var ledger = org.Ledger(callsPerMonth: 5, reservePercent: 40);
        for (var i = 0; i < 3; i++)
            await ledger.BookAsync("acme", CallClass.Snapshot, None);
        foreach (var refused in new[] { CallClass.Snapshot, CallClass.Sweep, CallClass.Limits })
            (await IsBookedAsync(ledger, refused)).ShouldBeFalse();
        (await IsBookedAsync(ledger, CallClass.Repair)).ShouldBeTrue();
        (await IsBookedAsync(ledger, CallClass.Describe)).ShouldBeTrue();
        var spent = await Should.ThrowAsync<BudgetSpentException>(() => ledger.BookAsync("acme", CallClass.Repair, None));
        var now = TimeProvider.System.GetUtcNow();
        spent.Until.ShouldBe(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, default).AddMonths(1), TimeSpan.FromSeconds(5));
        (await IsBookedAsync(ledger, CallClass.SignIn)).ShouldBeTrue();
        (await IsBookedAsync(ledger, CallClass.Repair)).ShouldBeFalse();
        // Once per class; the reserve going is an error.
        org.Log.Lines.Select(l => (l.Id, l.Level)).ShouldBe([
            (6011, LogLevel.Warning), (6011, LogLevel.Warning), (6011, LogLevel.Warning), (6012, LogLevel.Error)]);
    }

    [PostgresFact]
    public async Task A_new_month_begins_with_nothing_spent_and_what_waited_goes_on()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var ledger = org.Ledger(callsPerMonth: 1);
        await ledger.BookAsync("acme", CallClass.Repair, None);
        (await IsBookedAsync(ledger, CallClass.Repair)).ShouldBeFalse();
        await org.ExecuteAsync("""
            update salesforce_sync.api_budget set month = month - interval '1 month';
            update salesforce_sync.api_spent set month = month - interval '1 month'
            """);
        (await IsBookedAsync(ledger, CallClass.Repair)).ShouldBeTrue();
        (await IsBookedAsync(ledger, CallClass.Repair)).ShouldBeFalse();
        org.Log.Lines.Select(l => l.Id).ShouldBe([6012, 6013, 6012]);
    }

    [PostgresFact]
    public async Task A_clock_set_back_into_the_month_before_gives_no_new_budget()
    {
        await using var org = await BudgetedOrg.StartAsync();
        await org.Ledger(callsPerMonth: 1).BookAsync("acme", CallClass.Repair, None);
        await org.ExecuteAsync("update salesforce_sync.api_budget set month = month + interval '1 month', calls = 0");
        var again = org.Ledger(callsPerMonth: 2);
        (await IsBookedAsync(again, CallClass.Repair)).ShouldBeTrue();
        (await IsBookedAsync(again, CallClass.Repair)).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task When_the_org_itself_is_nearly_out_only_repair_calls_and_an_old_word_counts_no_more()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var used = 94_999;
        org.Server.Rest = context =>
        {
            context.Response.Headers["Sforce-Limit-Info"] = $"api-usage={used}/100000; api-bursts=1/750";
            return context.Response.WriteAsync("""[ null ]""");
        };
        var ledger = org.Ledger();
        var rest = org.Rest(ledger);
        await rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Snapshot, None);
        used++;
        await rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Snapshot, None);
        var refused = await Should.ThrowAsync<BudgetSpentException>(() => rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Snapshot, None));
        refused.Message.ShouldContain("the org has used 95000 of its 100000 calls of 24 hours");
        refused.Until.ShouldBe(TimeProvider.System.GetUtcNow().AddHours(1), TimeSpan.FromSeconds(10));
        await rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Repair, None);
        await org.ExecuteAsync("update salesforce_sync.api_budget set heard_at = heard_at - interval '61 minutes'");
        await rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Snapshot, None);
        (await IsBookedAsync(ledger, CallClass.Snapshot)).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task An_org_that_is_out_of_calls_is_left_alone_for_the_hour_across_restarts_and_then_asked_once()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var isOut = true;
        var answer = new SemaphoreSlim(1_000);
        org.Server.Rest = async context =>
        {
            await answer.WaitAsync();
            context.Response.StatusCode = isOut ? 403 : 200;
            await context.Response.WriteAsync(isOut ? """[ { "errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded." } ]""" : "[ null ]");
        };
        var spent = await Should.ThrowAsync<BudgetSpentException>(() => AskAsync(org.Rest(org.Ledger())));
        var now = TimeProvider.System.GetUtcNow();
        (spent.Until - now).ShouldBeInRange(TimeSpan.FromSeconds(-1), TimeSpan.FromHours(1));
        // Another process, with no memory of it.
        var restarted = org.Rest(org.Ledger());
        await Should.ThrowAsync<BudgetSpentException>(() => AskAsync(restarted));
        org.Server.Gets.Count.ShouldBe(1);
        await org.ExecuteAsync("update salesforce_sync.api_budget set closed_until = clock_timestamp()");
        await Should.ThrowAsync<BudgetSpentException>(() => AskAsync(restarted));
        await Should.ThrowAsync<BudgetSpentException>(() => AskAsync(restarted));
        org.Server.Gets.Count.ShouldBe(2);
        // While the one that asks has no answer, nobody else asks; its answer lets all in.
        await org.ExecuteAsync("update salesforce_sync.api_budget set closed_until = clock_timestamp()");
        isOut = false;
        while (answer.CurrentCount > 0)
            await answer.WaitAsync();
        var arrived = org.Server.Gets.Count;
        var probe = AskAsync(restarted);
        while (org.Server.Gets.Count == arrived)
            await Task.Yield();
        await Should.ThrowAsync<BudgetSpentException>(() => AskAsync(restarted));
        answer.Release(1_000);
        await probe;
        await AskAsync(restarted);
        org.Server.Gets.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("api-usage=10018/100000", 10018, 100000)]
    [InlineData("api-usage=10018/100000; api-bursts=1/750", 10018, 100000)]
    [InlineData("per-app-api-usage=17/250(appName=x), api-usage=1/2", 1, 2)]
    public void The_header_of_usage_is_read(string header, long used, long limit) => OrgUsage.Parse(header).ShouldBe(new OrgUsage(used, limit));

    [Theory]
    [InlineData(null)]
    [InlineData("api-usage=1/0")]
    [InlineData("api-usage=-1/5")]
    [InlineData("api-usage=1")]
    [InlineData("api-usage=a/b")]
    public void A_header_that_says_nothing_is_none(string? header) => OrgUsage.Parse(header).ShouldBeNull();

    private static async Task AskAsync(RestClient rest) => await rest.RetrieveAsync("Account", ["001000000000001AAA"], ["Id"], CallClass.Repair, None);

    private static async Task<bool> IsBookedAsync(ApiLedger ledger, CallClass callClass)
    {
        try
        {
            await ledger.BookAsync("acme", callClass, None);
            return true;
        }
        catch (BudgetSpentException)
        {
            return false;
        }
    }
}
