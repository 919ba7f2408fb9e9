using Tracekit.Bench;

if (args is [ParseExportBenchmark.ChildArgument, ..])
{
    return ParseExportBenchmark.RunChild(args);
}

if (args is [ControlPlaneRole.ChildArgument, ..])
{
    return ControlPlaneRole.RunChild(args);
}

var suites = new (string Name, Func<IEnumerable<BenchRow>> Run)[]
{
    ("sampler", SamplerBenchmark.Run),
    ("sampler-jitter", SamplerBenchmark.RunJitter),
    ("sampler-hour", SamplerHourBenchmark.Run),
    ("sampler-idle", SamplerIdleBenchmark.Run),
    ("launch", LaunchBenchmark.Run),
    ("startup", StartupBenchmark.Run),
    ("parse-export", ParseExportBenchmark.Run),
    ("parquet", ParquetReadBenchmark.Run),
    ("cpu-shares", CpuShareBenchmark.Run),
    ("redis", RedisClientBenchmark.Run),
    ("control-plane", ControlPlaneBenchmark.Run),
};
if (args.Except(suites.Select(s => s.Name)).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"no benchmark '{unknown}'; there are {string.Join(", ", suites.Select(s => s.Name))}");
    return 2;
}

var rows = new List<BenchRow>();
foreach (var (name, run) in suites.Where(s => args.Length == 0 || args.Contains(s.Name)))
{
    Console.Error.WriteLine($"measuring: {name}");
    rows.AddRange(run());
}

BenchReport.Print(rows);
if (args.Length == 0)
{
    BenchReport.Write(rows, Repository.File("docs/benchmarks.md"));
}

return rows.All(r => r.IsMet) ? 0 : 1;
