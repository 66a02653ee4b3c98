using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Apply.Evidence;
using SalesforceSync.Tests.Assemble;
using SalesforceSync.Tests.Decode;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Store;
using SalesforceSync.Tests.Subscribe;

namespace SalesforceSync.Tests.Crash;

/// <summary>Rules that no world needs to find out, because a test of the suite does: which one.</summary>
internal static class PlantedRules
{
    public static readonly IReadOnlyList<(string Rule, Func<Task> Test)> Tested =
    [
        (PlantedBugs.IdleIdTooSoon, Of<ReceivedPositionTests>(t => t.The_id_of_an_empty_response_is_used_when_the_last_events_id_grows_old())),
        (PlantedBugs.SchemaPassedOver, () => new StreamFaultTests().What_came_before_an_event_whose_schema_cannot_be_had_at_first_is_not_lost()),
        (PlantedBugs.NoBackOff, Of<ResubscribeDelayTests>(t => t.Delay_doubles_to_its_cap_and_only_progress_resets_it())),
        (PlantedBugs.NeededEventsDropped, () => new EventPartitionsTests().What_is_not_applied_yet_stays_however_old()),
        (PlantedBugs.AlternatingUnnoticed, Of<TransactionAssemblerTests>(t => t.A_straggler_behind_another_key_shows_that_keys_alternate())),
        (PlantedBugs.LateOverNewer, () => new StragglerTests().A_late_change_never_goes_over_a_later_one()),
        (PlantedBugs.InOrderOfArrival, Of<TransactionAssemblerTests>(t => t.Events_of_a_transaction_come_by_sequence_number_and_holes_are_not_waited_for())),
        (PlantedBugs.NeverReleased, Of<TransactionAssemblerTests>(t => t.A_transaction_of_any_size_is_held_in_bounded_memory_and_keeps_its_numbers())),
        (PlantedBugs.EverythingWritten, Of<GoldenVectorTests>(EveryVector)),
        (PlantedBugs.ParkedForgotten, () => new QuarantineTests().An_event_whose_body_is_broken_is_parked_and_its_record_queued_while_the_rest_of_its_transaction_is_written()),
        (PlantedBugs.NameAsRead, () => new NameEvidenceTests().The_name_that_was_read_counts_for_a_business_only()),
        (PlantedBugs.RoundedBelieved, () => new RowWriterTests().What_an_event_cannot_tell_exactly_is_asked_for(RowsByStatement)),
        (PlantedBugs.FieldIdIgnored, () => new Apply.SchemaDriftTests().A_field_created_anew_under_an_old_name_gets_a_column_of_its_own()),
    ];

    /// <summary>More rows than a test writes: none goes through a stage.</summary>
    private const int RowsByStatement = 1_000;

    /// <summary>Whether its test fails without the rule. With it, it has to pass in the same place: what fails for another reason, as for want of a database, has found out nothing.</summary>
    public static async Task<bool> IsFoundOutAsync(string rule)
    {
        var test = Tested.Single(tested => tested.Rule == rule).Test;
        await test();
        using var without = new WithoutRule(rule);
        try
        {
            await test();
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private static Func<Task> Of<T>(Action<T> test)
        where T : new() => () =>
        {
            test(new T());
            return Task.CompletedTask;
        };

    private static void EveryVector(GoldenVectorTests tests)
    {
        foreach (var vector in GoldenVectorTests.Events)
            tests.Event_decodes_to_what_was_put_into_it((string)vector[0], (string)vector[1]);
    }
}
