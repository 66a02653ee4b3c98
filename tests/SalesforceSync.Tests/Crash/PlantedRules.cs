using System.Collections.Concurrent;
using Eventbus.V1;
using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Apply.Evidence;
using SalesforceSync.Tests.Assemble;
using SalesforceSync.Tests.Chaos;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Decode;
using SalesforceSync.Tests.Diagnostics;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Receive;
using SalesforceSync.Tests.Salesforce;
using SalesforceSync.Tests.Snapshot;
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
        (PlantedBugs.ParkedForgotten, Parked),
        (PlantedBugs.NameAsRead, () => new NameEvidenceTests().The_name_that_was_read_counts_for_a_business_only()),
        (PlantedBugs.RoundedBelieved, () => new RowWriterTests().What_an_event_cannot_tell_exactly_is_asked_for(RowsByStatement)),
        (PlantedBugs.FieldIdIgnored, () => new Apply.SchemaDriftTests().A_field_created_anew_under_an_old_name_gets_a_column_of_its_own()),
        (PlantedBugs.WriterUnfenced, TakenOver),
        (PlantedBugs.StoreUnfenced, TakenOver),
        (PlantedBugs.EpochKept, TakenOver),
        (PlantedBugs.CursorsKept, TakenOver),
        (PlantedBugs.LocalClockJudges, () => new LeaseTests().Whether_a_lease_has_run_out_is_no_matter_of_this_machines_clock(1)),
        (PlantedBugs.TakeOverNotFlushed, () => new LeaseTests().A_take_over_is_on_disk_when_it_returns_also_where_commits_are_asynchronous()),
        (PlantedBugs.TokenNotFlushed, () => new RotatedTokenTests().A_new_token_is_on_disk_before_it_is_used_also_where_commits_are_asynchronous()),
        (PlantedBugs.CallNotFlushed, () => new ApiLedgerTests().A_booked_call_is_on_disk_before_it_leaves_also_where_commits_are_asynchronous()),
        (PlantedBugs.PresetUnsaid, () => new SubscriptionTests().Preset_without_a_position_is_sent_as_it_is(ReplayPreset.Earliest)),
        (PlantedBugs.LatestAfterLoss, Of<ReceptionTests>(t => t.What_is_kept_does_not_begin_with_what_is_stored_any_more_so_something_was_forgotten())),
        (PlantedBugs.SilenceUnnoticed, () => new ListeningTests().Silent_stream_is_given_up()),
        (PlantedBugs.OldCallKept, () => new SubscriptionTests().Leaving_while_a_read_is_pending_resets_the_call()),
        (PlantedBugs.BitmapShifted, Of<ChangedFieldBitmapTests>(t => t.Bitmap_flags_the_fields_it_is_known_to_flag("1 23", "0x800002"))),
        (PlantedBugs.ByCommitNumber, LaterWins),
        (PlantedBugs.ByCommitTime, LaterWins),
        (PlantedBugs.DeletesLast, () => new RowWriterTests().Each_record_is_written_once_per_call_as_triggers_see_it(RowsByStatement)),
        (PlantedBugs.PoisonSkipped, Parked),
        (PlantedBugs.ParkedOutsideCommit, Parked),
        (PlantedBugs.FirstPageOnly, () => new BulkRowsTests().Pages_are_read_to_the_last_and_the_place_after_each_part_is_told()),
        (PlantedBugs.RowsUncounted, () => new CsvPageTests().A_page_cut_anywhere_gives_only_rows_that_are_whole_and_says_that_it_broke_off()),
        (PlantedBugs.JobRowsUncounted, () => new SnapshotTests().A_reading_of_fewer_rows_than_Salesforce_has_counted_is_begun_anew()),
        (PlantedBugs.UnknownTakenForDone, () => new UnknownCommitTests().Events_whose_storing_was_not_answered_are_stored_once(nameof(Fate.CutBefore))),
        (PlantedBugs.UnknownWrittenAgain, () => new UnknownCommitTests().Events_whose_storing_was_not_answered_are_stored_once(nameof(Fate.LoseAnswer))),
        (PlantedBugs.StoredUnmasked, Masked),
        (PlantedBugs.UnreadableKept, Masked),
        (PlantedBugs.FailureSwallowed, () => new TaskGroupTests().A_failure_nobody_waited_for_comes_out_when_the_group_is_left()),
        (PlantedBugs.TokenLogged, () => new SignInFlowTests().That_somebody_signed_in_is_said_without_what_came_of_it()),
    ];

    /// <summary>More rows than a test writes: none goes through a stage.</summary>
    private const int RowsByStatement = 1_000;

    private static readonly ConcurrentDictionary<Func<Task>, bool> Passed = new();

    /// <summary>Whether its test fails without the rule. With it, it has to pass in the same place, once for all its rules: what fails for another reason, as for want of a database, has found out nothing.</summary>
    public static async Task<bool> IsFoundOutAsync(string rule) => await FailureAsync(rule) is not null;

    /// <summary>What its test says without the rule; null where it passes.</summary>
    public static async Task<string?> FailureAsync(string rule)
    {
        var test = Tested.Single(tested => tested.Rule == rule).Test;
        if (!Passed.ContainsKey(test))
            await test();
        Passed[test] = true;
        using var without = new WithoutRule(rule);
        try
        {
            await test();
            return null;
        }
        catch (Exception failure)
        {
            return failure.Message;
        }
    }

    private static Task Parked() => new QuarantineTests().An_event_whose_body_is_broken_is_parked_and_its_record_queued_while_the_rest_of_its_transaction_is_written();

    private static Task Masked() => new MaskTests().No_masked_value_is_kept_anywhere_however_it_came();

    private static Task TakenOver() => new LeaseTests().Who_was_taken_over_from_writes_nothing_any_more();

    private static Task LaterWins() => new RowWriterTests().What_came_later_wins_whatever_commit_numbers_and_times_say(RowsByStatement);

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
