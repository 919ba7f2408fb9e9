namespace Tracekit.Trace.AccessLog;

/// <summary>The formats as the command line and results call them.</summary>
public static class AccessLogFormatName
{
    /// <summary>All names, in the order of <see cref="AccessLogFormat"/>.</summary>
    public static IReadOnlyList<string> All { get; } = ["auto", "combined", "nginx-timed", "envoy"];

    /// <summary>The name of a format.</summary>
    public static string Of(AccessLogFormat format) => All[(int)format];

    /// <summary>The format of a name of <see cref="All"/>.</summary>
    public static AccessLogFormat Parse(string name) => (AccessLogFormat)All.Index().First(f => f.Item == name).Index;
}
