namespace SalesforceSync.Protocol;

/// <summary>
/// Follows a sequence of bytes that consists of blocks, each a header that tells the length of what follows it. Fed by one reader at a time, in order, before
/// it hands the bytes on; asked from any thread.
/// </summary>
internal abstract class BlockMeter(int headerLength)
{
    private readonly byte[] _header = new byte[headerLength];
    private int _headerBytes;
    private int _left;
    private volatile bool _isBetween = true;

    /// <summary>Nothing of a block has passed that is not whole.</summary>
    public bool IsBetween => _isBetween;

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var part = bytes[..Math.Min(_left, bytes.Length)];
                PassBody(part);
                _left -= part.Length;
                bytes = bytes[part.Length..];
                continue;
            }

            var taken = Math.Min(_header.Length - _headerBytes, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
            _headerBytes += taken;
            bytes = bytes[taken..];
            if (_headerBytes == _header.Length)
            {
                _left = Begin(_header);
                _headerBytes = 0;
            }
        }

        _isBetween = _left == 0 && _headerBytes == 0;
    }

    /// <returns>How many bytes follow the header.</returns>
    protected abstract int Begin(ReadOnlySpan<byte> header);

    /// <summary>More of what follows the header of the last block.</summary>
    protected virtual void PassBody(ReadOnlySpan<byte> part)
    {
    }
}
