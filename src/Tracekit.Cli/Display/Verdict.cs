using Tracekit.Trace.Audit;

namespace Tracekit.Cli.Display;

/// <summary>An audit in a few lines.</summary>
internal static class Verdict
{
    /// <summary>One word.</summary>
    public static string Of(AuditReport audit) => audit.Verdict.ToString().ToLowerInvariant();

    /// <summary>The findings that need attention, one a line.</summary>
    public static void WriteFindings(IReadOnlyList<AuditFinding> findings, TextWriter writer)
    {
        foreach (var finding in findings.Where(f => f.Severity != AuditSeverity.Info))
        {
            writer.WriteLine($"  {finding.Severity.ToString().ToLowerInvariant()}: {finding.Message}{Example(finding)}");
        }
    }

    private static string Example(AuditFinding finding) => finding.Examples.Count > 0 ? $" ({finding.Examples[0]})" : "";
}
