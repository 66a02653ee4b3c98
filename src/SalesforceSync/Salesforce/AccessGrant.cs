using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>What a sign-in gave. Immutable; two grants are the same only when they are one object.</summary>
/// <param name="token">Goes into headers as it is.</param>
/// <param name="instanceUrl">Where the org answers REST, without a closing slash.</param>
/// <param name="org">The org signed in to; null when the answer did not name it.</param>
internal sealed class AccessGrant(Secret token, Uri instanceUrl, OrgId? org, DateTimeOffset obtainedAt)
{
    public Secret Token { get; } = token;

    public Uri InstanceUrl { get; } = instanceUrl;

    /// <summary><see cref="InstanceUrl"/> as Salesforce wants it in metadata: without a closing slash.</summary>
    public string InstanceText { get; } = instanceUrl.AbsoluteUri.TrimEnd('/');

    public OrgId? Org { get; } = org;

    public DateTimeOffset ObtainedAt { get; } = obtainedAt;
}
