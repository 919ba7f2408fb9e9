namespace Tracekit.Parquet.Footer;

/// <summary>The four bytes at both ends of a file.</summary>
internal static class FileMagic
{
    public static ReadOnlySpan<byte> Plain => "PAR1"u8;

    /// <summary>At the end of a file whose footer is encrypted.</summary>
    public static ReadOnlySpan<byte> Encrypted => "PARE"u8;
}
