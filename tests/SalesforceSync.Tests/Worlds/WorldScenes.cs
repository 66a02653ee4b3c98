using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Worlds;

/// <summary>What is played in a world that has come to the truth; each is the interleaving that one rule is for, and chance does not bring it.</summary>
internal enum WorldScene
{
    /// <summary>An object cannot be seen any more (rule B7).</summary>
    ObjectHidden,

    /// <summary>A change of which no event comes (rule E8).</summary>
    SilentChange,

    /// <summary>A record changes without its values being told, and is fetched and merged, while an older reading of it waits (rule A2).</summary>
    OlderReadingWaits,

    /// <summary>A text difference to a text that never came is told while a reading waits that has seen the whole text (rules A2, D3).</summary>
    DifferenceUnderReading,

    /// <summary>A position is lost behind more events than are remembered (rule B5).</summary>
    LongStreamAgain,

    /// <summary>A position is lost in the middle of a transaction (rule B5).</summary>
    TransactionCut,

    /// <summary>A change that began long before a gap and was never told of (rules B5, E7).</summary>
    LateStampBeforeGap,

    /// <summary>A reading does not see a record that lives (rule E2).</summary>
    RecordLeftOut,

    /// <summary>A position is lost, with events nobody will see, while the rows of a reading wait that does not show what they told (rule B5).</summary>
    LossUnderReading,

    /// <summary>The gap event of a delete is all that tells of a record that was undeleted at once (rule E4).</summary>
    GapDeleteOfLiving,
}

/// <summary>Plays a scene up to the moment from which the product has to come to rest by itself.</summary>
/// <param name="life">The one that lives now.</param>
/// <param name="rest">All that is left is done.</param>
/// <param name="restart">The program ends where it stands, and begins anew.</param>
internal sealed class WorldScenes(SimulatedSalesforce simulated, Func<WorldLife> life, Action<TimeSpan> pass, Func<Task> rest, Func<Task> restart, WorldTally tally)
{
    private const string Object = "Account";

    /// <summary>As many events as a program that starts does not remember.</summary>
    private const int Forgotten = 2_100;

    private SimulatedOrg Org => simulated.Org;

    private WorldLife Life => life();

    /// <returns>What makes the world whole again after the rest; null where nothing is broken.</returns>
    public async Task<Action?> PlayAsync(WorldScene scene)
    {
        tally.Count($"scene {scene}");
        pass(TimeSpan.FromSeconds(5));
        switch (scene)
        {
            case WorldScene.ObjectHidden:
                Org.Access.Allow(Object, allowed: false);
                await Life.SweepAllAsync(deep: false);
                return () => Org.Access.Allow(Object, allowed: true);
            case WorldScene.SilentChange:
                ChangeSilently("Phone", "unheard of");
                pass(TimeSpan.FromSeconds(5));
                await Life.SweepAllAsync(deep: false);
                break;
            case WorldScene.OlderReadingWaits:
                await OlderReadingWaitsAsync();
                break;
            case WorldScene.DifferenceUnderReading:
                await DifferenceUnderReadingAsync();
                break;
            case WorldScene.LongStreamAgain:
                await LongStreamAgainAsync();
                break;
            case WorldScene.TransactionCut:
                await CutTransactionAsync();
                break;
            case WorldScene.LateStampBeforeGap:
                await LateStampBeforeGapAsync();
                break;
            case WorldScene.RecordLeftOut:
                simulated.Faults.Arm(FaultKind.LeaveOutRecord);
                await Life.ReadAnewAsync(Object);
                break;
            case WorldScene.LossUnderReading:
                await ReadWithoutMergingAsync();
                Org.Commit(draft => draft.Update(Object, Oldest(1)[0], Value("Phone", "told by an event that is gone")));
                Org.Bus.ExpireAll();
                Life.Cut();
                break;
            case WorldScene.GapDeleteOfLiving:
                var back = Oldest(1)[0];
                Org.Commit(draft => draft.GapDelete(Object, back, foreignKey: true).Unpublished().Undelete(Object, back).Published());
                break;
        }
        return null;
    }

    private async Task OlderReadingWaitsAsync()
    {
        var id = Oldest(1)[0];
        await ReadWithoutMergingAsync();
        Org.Commit(draft => draft.GapUpdate(Object, id, Value("Phone", "read later"), foreignKey: false));
        await Life.CatchUpAsync();
        await StepUntilAsync(1, $"select exists (select from salesforce_sync.repair where org = @Name and record_id = '{id}' and state = 'done' and reason = 'gap_update' and closed_at > (select max(started_at) from salesforce_sync.read where org = @Name and kind = 'snapshot'))");
        (await PhoneAsync(id)).ShouldBe("read later");
    }

    private async Task DifferenceUnderReadingAsync()
    {
        var id = Oldest(1)[0];
        var text = string.Join('\n', Enumerable.Range(0, 80).Select(i => $"line {i} that nobody told of"));
        var changed = text.Replace("line 40 ", "another line ", StringComparison.Ordinal);
        ChangeSilently("Description", text);
        Org.Commit(draft => draft.Update(Object, [id], Value("Description", changed), diffs: true));
        await ReadWithoutMergingAsync();
        await Life.CatchUpAsync();
        await StepUntilAsync(0, "select not exists (select from salesforce_sync.read where org = @Name and kind = 'snapshot' and state = 'merging' and rows_merged = 0)");
        (await Life.AskAsync<string>($"select description from world.account where id = '{id}'")).ShouldBe(changed, "a difference that was not applied counts as written");
    }

    private async Task LongStreamAgainAsync()
    {
        for (var batch = 0; batch < Forgotten / 100; batch++)
        {
            Org.Commit(draft =>
            {
                for (var i = 0; i < 100; i++)
                    draft.Create(Object, Value("Name", $"one of many {i}"));
            });
        }
        await Life.CatchUpAsync();
        await Life.CatchUpAsync();
        await restart();
        Org.Bus.VoidPositions();
    }

    private async Task CutTransactionAsync()
    {
        var ids = Oldest(3);
        Org.Commit(draft => ids.ForEach(id => draft.Update(Object, id, Value("Phone", "in one transaction"))));
        await Life.ReceiveAsync(2);
        Org.Bus.VoidPositions();
        Life.Cut();
        // The loss is noticed; in half of the worlds the program ends before anything is applied.
        await Life.ReceiveAsync(1);
        if (Org.Transactions % 2 == 0)
            await restart();
        await Life.CatchUpAsync();
        var asked = await Life.AskAsync<long>($"select count(distinct record_id) from salesforce_sync.repair where org = @Name and state = 'open' and reason = 'torn' and record_id in ('{ids[0]}', '{ids[1]}')");
        asked.ShouldBe(2, "what a lost position has cut is not fetched");
    }

    private async Task LateStampBeforeGapAsync()
    {
        Org.Commit(draft =>
        {
            for (var i = 0; i < 15; i++)
                draft.Create(Object, Value("Name", $"one of some {i}"));
        });
        await Life.CatchUpAsync();
        await Life.ReadAnewAsync(Object);
        await rest();
        pass(TimeSpan.FromHours(1));
        Org.Commit(draft => draft.BegunEarlier(TimeSpan.FromMinutes(20)).Unpublished().Update(Object, Oldest(1)[0], Value("Phone", "begun earlier")).Published());
        Org.Commit(draft => draft.Overflow(Object));
    }

    /// <summary>The rows of a reading are there, and what was received before it ended is not applied yet.</summary>
    private async Task ReadWithoutMergingAsync()
    {
        await Life.ReadAnewAsync(Object);
        await StepUntilAsync(0, "select exists (select from salesforce_sync.read where org = @Name and kind = 'snapshot' and state = 'merging')");
    }

    private async Task StepUntilAsync(int part, string sql)
    {
        for (var step = 0; step < 100; step++)
        {
            if (await Life.AskAsync<bool>(sql))
                return;
            if (await Life.ReadAsync(part))
                continue;
            pass(TimeSpan.FromSeconds(15));
            if (part == 1)
                await Life.CatchUpAsync();
        }
        throw new InvalidOperationException($"does not come to be in this scene: {sql}; {await Life.OpenThingsAsync()}");
    }

    private void ChangeSilently(string field, string value) =>
        Org.Commit(draft => draft.Unpublished().Update(Object, Oldest(1)[0], Value(field, value)).Published());

    private Task<string?> PhoneAsync(string id) => Life.AskAsync<string>($"select phone from world.account where id = '{id}'");

    private List<string> Oldest(int count) => [.. WorldMoments.Ids(Org, Object).Take(count)];

    private static Dictionary<string, object?> Value(string field, string value) => new() { [field] = value };
}
