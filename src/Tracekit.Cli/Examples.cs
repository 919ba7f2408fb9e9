using System.CommandLine;

namespace Tracekit.Cli;

/// <summary>What <c>--help</c> shows of each command in use.</summary>
internal static class Examples
{
    /// <summary>The examples of a command; none for one that only groups others.</summary>
    public static IReadOnlyList<string> Of(Command command) => command.Name switch
    {
        "run" when IsOf(command, "collect") =>
        [
            "tracekit collect run --run-id r1",
            "RUN_ID=r1 NODE_ID=cloud0 VM_IP=10.0.0.1 PROC_SAMPLING=1 tracekit collect run",
        ],
        "start" =>
        [
            "tracekit collect start --run-id r1 --node-id cloud0 --vm-ip 10.0.0.1 --proc-sampling",
            "tracekit collect start --run-id r1 --host-interval-ms 100 --time-sync --ntp-pool pool.ntp.org",
        ],
        "stop" =>
        [
            "tracekit collect stop --run-id r1",
            "tracekit collect stop --all",
        ],
        "status" when IsOf(command, "collect") =>
        [
            "tracekit collect status",
            "tracekit collect status --run-id r1 --json",
        ],
        "run" =>
        [
            "tracekit run --inputs inputs/demo --total 4",
            "tracekit run --inputs inputs/demo --mix \"fast1080p=2,medium480p=3,light1c=3\" --total 8 --seed 20250901",
            "tracekit run --inputs videos --mix light1c=1 --total 100 --allocation-ratio 1.5 --cpu-binding shared --json > result.json",
        ],
        "dispatch" =>
        [
            "tracekit dispatch --redis redis://controller --inputs videos --mix \"fast1080p=2,light1c=3\" --total 20 --seed 20250901",
            "tracekit dispatch --redis redis://controller --total 100 -- sleep 0.1",
            "tracekit dispatch --redis redis://controller --retry-dead",
        ],
        "scheduler" => ["tracekit scheduler --redis redis://controller --weigher instances"],
        "worker" =>
        [
            "tracekit worker --redis redis://controller --run-id r1 --outputs outputs --parallel 4",
            "tracekit worker --redis redis://controller --run-id r1 --allocation-ratio 1.5 --cpu-binding shared --allow sleep",
        ],
        "status" => ["tracekit status --redis redis://controller --watch"],
        "wait" => ["tracekit wait 20260101T000000Z --redis redis://controller"],
        "exec" =>
        [
            "tracekit exec -- ffmpeg -i in.mp4 -c:v libx264 out.mp4",
            "tracekit exec --run-id batch1 --interval-ms 100 -- sort --parallel=4 -o sorted.txt big.txt",
            "tracekit exec --run-id batch1 --cpuset 0-1 --nice 5 --output sums.txt -- ./simulate --to sums.txt",
        ],
        "parse" =>
        [
            "tracekit parse logs/20260101T000000Z",
            "tracekit parse --run-id 20260101T000000Z",
        ],
        "merge" =>
        [
            "tracekit merge from-cloud1/20260101T000000Z from-cloud2/20260101T000000Z --output merged",
            "tracekit merge logs/20260101T000000Z --output merged --run-id both",
        ],
        "access-log" =>
        [
            "tracekit import access-log /var/log/nginx/access.log --run-id r1 --node-id web1",
            "zcat access.log.*.gz | tracekit import access-log - --run-id r1 --format combined",
            "tracekit import access-log envoy.log --format envoy --source envoy --run-id r1",
            "",
            "nginx logs durations, and times to the millisecond, with these lines in nginx.conf (http):",
            "  log_format tracekit '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent '",
            "                      '\"$http_referer\" \"$http_user_agent\" $request_time $upstream_response_time '",
            "                      'msec=$msec request_length=$request_length request_id=$request_id';",
            "  access_log /var/log/nginx/access.log tracekit;",
        ],
        "opendc" when IsOf(command, "export") =>
        [
            "tracekit export opendc --input logs/20260101T000000Z --output opendc_traces/20260101T000000Z",
        ],
        "opendc" =>
        [
            "tracekit verify opendc --input opendc_traces/20260101T000000Z",
        ],
        "generate-inputs" =>
        [
            "tracekit generate-inputs --output inputs/demo --count 3 --durations 2",
            "tracekit generate-inputs --output videos --count 15 --durations 10,30,60 --size 1920x1080 --seed 7",
        ],
        _ => [],
    };

    private static bool IsOf(Command command, string parent) => command.Parents.Any(p => p.Name == parent);
}
