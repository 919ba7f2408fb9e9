using Tracekit.Bench;

foreach (var row in SamplerBenchmark.Run().Concat(LaunchBenchmark.Run()))
{
    Console.WriteLine(row);
}

return 0;
