using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Worlds;

/// <summary>What is played in a world that has come to the truth; each is the interleaving that one rule is for, and chance does not bring it.</summary>
internal enum WorldScene
{
    /// <summary>An object cannot be seen any more (rule B7).</summary>
    ObjectHidden,

    /// <summary>A change of which no event comes (rule E8).</summary>
    SilentChange,
}

/// <summary>Plays a scene up to the moment from which the product has to come to rest by itself.</summary>
internal sealed class WorldScenes(SimulatedOrg org, WorldLife life, Action<TimeSpan> pass, WorldTally tally)
{
    private const string Object = "Account";

    /// <returns>What makes the world whole again after the rest; null where nothing is broken.</returns>
    public async Task<Action?> PlayAsync(WorldScene scene)
    {
        tally.Count($"scene {scene}");
        pass(TimeSpan.FromSeconds(5));
        if (scene == WorldScene.ObjectHidden)
        {
            org.Access.Allow(Object, allowed: false);
            await life.SweepAllAsync(deep: false);
            return () => org.Access.Allow(Object, allowed: true);
        }
        org.Commit(draft => draft.Unpublished().Update(Object, WorldMoments.Ids(org, Object)[0], new Dictionary<string, object?> { ["Phone"] = "unheard of" }).Published());
        pass(TimeSpan.FromSeconds(5));
        await life.SweepAllAsync(deep: false);
        return null;
    }
}
