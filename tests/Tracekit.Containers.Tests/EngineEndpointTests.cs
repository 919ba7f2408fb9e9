using Tracekit.Model;

namespace Tracekit.Containers.Tests;

public sealed class EngineEndpointTests
{
    [Theory]
    [InlineData(null, "/var/run/docker.sock")]
    [InlineData("", "/var/run/docker.sock")]
    [InlineData("unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock")]
    public void A_unix_socket_is_taken(string? dockerHost, string path) => Assert.Equal(path, EngineEndpoint.Parse(dockerHost).SocketPath);

    [Theory]
    [InlineData("tcp://user:secret@10.0.0.1:2375")]
    [InlineData("ssh://host")]
    [InlineData("unix://relative")]
    [InlineData("/var/run/docker.sock")]
    public void Anything_else_is_refused_without_its_secrets(string dockerHost)
    {
        var e = Assert.Throws<UsageException>(() => EngineEndpoint.Parse(dockerHost));
        Assert.Contains("unix://", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_refused() => Assert.Throws<UsageException>(() => EngineEndpoint.Parse("unix:///" + new string('a', 107)));
}
