namespace SalesforceSync.Tests.Decode;

/// <summary>Bytes that were good, with one to three things done to them.</summary>
internal static class Mutilation
{
    /// <param name="others">Good ones of the same kind: parts of them get into it.</param>
    public static byte[] Of(byte[] payload, IReadOnlyList<byte[]> others, Random random)
    {
        var bytes = new List<byte>(payload);
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 9))); break;
                case 3: bytes.Insert(at, (byte)random.Next(256)); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default:
                    var other = others[random.Next(others.Count)];
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(32))).ToArray());
                    break;
            }
        }

        return [.. bytes];
    }
}
