namespace SalesforceSync.Status;

/// <summary>What <c>budget --json</c> prints, in this order and with these names.</summary>
internal sealed record BudgetDocument(IReadOnlyList<OrgBudget> Orgs);

/// <param name="Month">Its first day, UTC.</param>
/// <param name="Until">When the next one begins and nothing is spent of it.</param>
/// <param name="Limit">Calls in the month.</param>
/// <param name="Reserve">Of them, kept for repair.</param>
/// <param name="Forecast">Calls spent by the end of the month if it goes on as it did.</param>
/// <param name="ClosedUntil">Salesforce refuses calls until then; null while it does not.</param>
/// <param name="Usage">Null when no answer has said it yet.</param>
internal sealed record OrgBudget(
    string Name, DateOnly Month, DateTimeOffset Until, int Limit, int Reserve, long Spent, long Forecast, DateTimeOffset? ClosedUntil,
    IReadOnlyList<ClassBudget> Classes, AllowanceUsage? Usage, DeliveredBudget Delivered);

/// <param name="Refused">Calls of this month that the budget did not let leave.</param>
/// <param name="RefusedSince">Null when the last one was let.</param>
internal sealed record ClassBudget(string Class, long Spent, long Forecast, long Refused, DateTimeOffset? RefusedSince);

/// <summary>The org's own allowance of 24 hours, all its clients together, as an answer said it last.</summary>
internal sealed record AllowanceUsage(long Used, long Limit, DateTimeOffset At);

/// <param name="Allowance"><c>DeliveredEventsPerDay</c>.</param>
/// <param name="Forecast">A day at the pace of the last hours.</param>
internal sealed record DeliveredBudget(long Last24Hours, int Allowance, long Forecast);
