using System.Text.Json;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>A job as the three requests that show it do; they do not show the same.</summary>
internal static class BulkJobJson
{
    public static void Created(Utf8JsonWriter json, BulkJob job)
    {
        Begin(json, job);
        json.WriteString("lineEnding", job.Csv.CrLf ? "CRLF" : "LF");
        json.WriteString("columnDelimiter", job.DelimiterName);
    }

    public static void Listed(Utf8JsonWriter json, BulkJob job)
    {
        Begin(json, job);
        json.WriteString("jobType", "V2Query");
        json.WriteString("lineEnding", job.Csv.CrLf ? "CRLF" : "LF");
        json.WriteString("columnDelimiter", job.DelimiterName);
    }

    public static void Whole(Utf8JsonWriter json, BulkJob job, BulkRules rules)
    {
        Listed(json, job);
        json.WriteNumber("numberRecordsProcessed", job.State == JobState.Failed ? 0 : job.RowCount);
        json.WriteNumber("retries", job.State == JobState.Failed ? 15 : 0);
        json.WriteNumber("totalProcessingTime", (long)(job.IsOver ? rules.Duration : TimeSpan.Zero).TotalMilliseconds);
        json.WriteBoolean("isPkChunkingSupported", job.IsChunked);
        if (job.ErrorMessage is not null) json.WriteString("errorMessage", job.ErrorMessage);
    }

    private static void Begin(Utf8JsonWriter json, BulkJob job)
    {
        json.WriteString("id", job.Id);
        json.WriteString("operation", job.IsAll ? "queryAll" : "query");
        json.WriteString("object", job.Search.Object.Name);
        json.WriteString("createdById", SalesforceId.Make("005", 1));
        json.WriteString("createdDate", WireText.Rest(job.CreatedAt));
        json.WriteString("systemModstamp", WireText.Rest(job.ChangedAt));
        json.WriteString("state", job.State.ToString());
        json.WriteString("concurrencyMode", "Parallel");
        json.WriteString("contentType", "CSV");
        // A number in every answer Salesforce documents.
        json.WritePropertyName("apiVersion");
        json.WriteRawValue(job.Version[1..]);
    }
}
