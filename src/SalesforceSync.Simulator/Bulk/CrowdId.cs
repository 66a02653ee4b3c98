using System.Text;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>Writes the ids of a crowd as bytes: the same as <see cref="Crowd.IdOf"/>, without a text in between.</summary>
internal static class CrowdId
{
    public static CrowdField.Writer For(Crowd crowd)
    {
        var start = Encoding.ASCII.GetBytes(crowd.IdOf(0)[..6]);
        return (number, to) =>
        {
            start.CopyTo(to);
            var rest = Crowd.FirstId + number;
            for (var i = 14; i >= 6; i--, rest /= 62) to[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8[(int)(rest % 62)];
            for (var chunk = 0; chunk < 3; chunk++)
            {
                var bits = 0;
                for (var i = 0; i < 5; i++)
                {
                    if (char.IsAsciiLetterUpper((char)to[(chunk * 5) + i])) bits |= 1 << i;
                }
                to[15 + chunk] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"u8[bits];
            }
            return 18;
        };
    }
}
