using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Chaos;

/// <summary>What happens in the org of a scripted run, in chapters.</summary>
internal sealed class RunScript
{
    private readonly SimulatedOrg _org;
    private readonly FaultScript _faults;
    private string _first = "";
    private string _second = "";
    private string _contact = "";

    public RunScript(SimulatedOrg org, FaultScript faults)
    {
        (_org, _faults) = (org, faults);
        Chapters = [Create, Edit, EditText, DeleteAndRevive, Gap, Many];
    }

    public IReadOnlyList<Action> Chapters { get; }

    /// <summary>What only a snapshot tells.</summary>
    public void Existing() => Prefill.Plant(_org, new PrefillOrder { Records = 24, Objects = ["Account", "Contact"], Seed = 76 });

    /// <summary>What only a sweep finds.</summary>
    public void LoseAnEvent()
    {
        _faults.Arm(FaultKind.LoseEvents);
        _org.Commit(draft => draft.Update("Account", _first, Values(("Phone", "lost"))));
    }

    private void Create()
    {
        _org.Commit(draft =>
        {
            _first = draft.Create("Account", Values(("Name", "first"), ("Description", "one\ntwo\nthree")));
            _contact = draft.Create("Contact", Values(("LastName", "of the first"), ("AccountId", _first)));
        });
        _org.Commit(draft => _second = draft.Create("Account", Values(("Name", "second"))));
    }

    private void Edit()
    {
        _org.Commit(draft => draft.Update("Account", _first, Values(("Phone", "1"), ("Site", null))).Update("Contact", _contact, Values(("Department", "d"))));
        _org.Commit(draft => draft.Update("Account", [_first, _second], Values(("Site", "both"))));
    }

    private void EditText() => _org.Commit(draft => draft.Update("Account", _first, Values(("Description", "one\ntwo and a half\nthree\nfour"))));

    private void DeleteAndRevive()
    {
        _org.Commit(draft => draft.Delete("Account", _second));
        _org.Commit(draft => draft.Undelete("Account", _second));
        _org.Commit(draft => draft.Delete("Contact", _contact));
    }

    private void Gap()
    {
        _org.Commit(draft => draft.GapUpdate("Account", _second, Values(("Phone", "not told")), foreignKey: false));
        _org.Commit(draft => draft.GapCreate("Contact", Values(("LastName", "not told either")), foreignKey: true));
    }

    private void Many() => _org.Commit(draft =>
    {
        for (var i = 0; i < 40; i++)
            draft.Create("Account", Values(("Name", $"one of many {i}")));
    });

    private static Dictionary<string, object?> Values(params (string Field, object? Value)[] values) => values.ToDictionary(v => v.Field, v => v.Value);
}
