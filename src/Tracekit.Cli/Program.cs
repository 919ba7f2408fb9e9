using System.CommandLine;
using Tracekit.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
