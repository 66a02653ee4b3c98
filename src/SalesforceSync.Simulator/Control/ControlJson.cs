using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceSync.Simulator.Control;

/// <summary>The one set of JSON rules of the control surface, for both sides.</summary>
internal static class ControlJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
}
