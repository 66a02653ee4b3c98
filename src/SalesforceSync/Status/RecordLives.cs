using Microsoft.AspNetCore.Http;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Explain;

namespace SalesforceSync.Status;

/// <summary>Answers what is known of one record, without its values: as <c>explain</c>, one question at a time, for all events of an object may have to be read.</summary>
internal sealed class RecordLives(NpgsqlDataSource source, IReadOnlyList<OrgOptions> orgs, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);

    public async Task AnswerAsync(HttpContext context)
    {
        var (name, given) = ((string)context.Request.RouteValues["org"]!, (string)context.Request.RouteValues["id"]!);
        if (orgs.FirstOrDefault(o => o.Name == name) is not { } org)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status404NotFound, "there is no such org");
            return;
        }
        if (RecordLife.IdOf(given) is not { } recordId)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status400BadRequest, "a record's id has 15 or 18 letters and digits");
            return;
        }
        using var late = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        try
        {
            await _turn.WaitAsync(either.Token);
            try
            {
                var (objectName, entries) = await new RecordLife(source, org.Name, org.Schema, values: false).ReadAsync(recordId, either.Token);
                if (entries.Count == 0)
                    await Problem.AnswerAsync(context, StatusCodes.Status404NotFound, "nothing is known of this record");
                else
                    await context.Response.WriteAsJsonAsync(new { org = org.Name, record = recordId, @object = objectName, entries }, either.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"it takes more than {Longest.TotalSeconds:0} s: ask `explain`, which may take longer");
        }
        catch (Exception gone) when (gone is NpgsqlException or TimeoutException)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"Postgres: {gone.Message}");
        }
    }

    public void Dispose() => _turn.Dispose();
}
