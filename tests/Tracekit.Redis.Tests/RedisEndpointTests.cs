using System.Runtime.Versioning;
using Tracekit.Model;

namespace Tracekit.Redis.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class RedisEndpointTests
{
    [Theory]
    [InlineData("redis://localhost", "redis://localhost:6379/0")]
    [InlineData("redis://localhost/", "redis://localhost:6379/0")]
    [InlineData("REDIS://10.0.0.1:7000/3", "redis://10.0.0.1:7000/3")]
    [InlineData("rediss://cache.example.org", "rediss://cache.example.org:6379/0")]
    [InlineData("redis://[::1]:6380/1", "redis://[::1]:6380/1")]
    [InlineData("redis://:s3cret@h", "redis://:***@h:6379/0")]
    [InlineData("redis://alice:s3cret@h:1/2", "redis://alice:***@h:1/2")]
    [InlineData("redis://al%3Aice:s3cret@h", "redis://al%3Aice:***@h:6379/0")]
    [InlineData("unix:///run/redis.sock", "unix:///run/redis.sock?db=0")]
    [InlineData("unix://u:s3cret@/run/a%20b.sock?db=4", "unix://u:***@/run/a b.sock?db=4")]
    public void A_URL_is_read_and_shown_with_the_password_masked(string url, string masked)
    {
        var endpoint = RedisEndpoint.Parse(url);

        Assert.Equal(masked, endpoint.MaskedUrl);
        Assert.Equal(masked, $"{endpoint}");
        Assert.DoesNotContain("s3cret", $"{new RedisOptions(endpoint)}{new RedisFlags(url)}", StringComparison.Ordinal);
    }

    [Fact]
    public void User_and_password_are_percent_decoded()
    {
        var endpoint = RedisEndpoint.Parse("redis://a%40b:p%3A%2F%40%25%C3%A9@h");

        Assert.Equal("a@b", endpoint.User);
        Assert.Equal("p:/@%é", endpoint.Password);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    [InlineData("s3cret://h")]
    [InlineData("redis://")]
    [InlineData("redis://:s3cret@")]
    [InlineData("redis://:s3cret@:1")]
    [InlineData("redis://u:s3cret@h:0")]
    [InlineData("redis://u:s3cret@h:65536")]
    [InlineData("redis://u:s3cret@h:x")]
    [InlineData("redis://u:s3cret@h/x")]
    [InlineData("redis://u:s3cret@h/-1")]
    [InlineData("redis://u:s3cret@h/0?ssl=1")]
    [InlineData("redis://u:s3cret@h?x")]
    [InlineData("redis://u:s3cret@h h")]
    [InlineData("redis://u:s3cret#x@h")]
    [InlineData("redis://u:s3c/s3cret@h")]
    [InlineData("redis://u:s3cret%@h")]
    [InlineData("redis://u:s3cret%0@h")]
    [InlineData("redis://u:s3cret%zz@h")]
    [InlineData("redis://u:s3cret%00@h")]
    [InlineData("redis://u:s3cret@[::1")]
    [InlineData("redis://u:s3cret@[::1]x:1")]
    [InlineData("redis://u:s3cret@exämple")]
    [InlineData("redis://u@h")]
    [InlineData("unix://u:s3cret@host/run/x")]
    [InlineData("unix://u:s3cret@/run/x?d=1")]
    [InlineData("unix://u:s3cret@/run/x?db=")]
    [InlineData("unix://")]
    public void A_bad_URL_is_a_usage_error_of_one_line_that_quotes_nothing_of_it(string url)
    {
        var e = Assert.Throws<UsageException>(() => RedisEndpoint.Parse(url));

        Assert.StartsWith("--redis ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_flag_beats_the_environment_which_beats_the_default()
    {
        Assert.Equal("redis://flag:6379/0", Parse(new RedisFlags("redis://flag"), ("REDIS_URL", "redis://environment")).MaskedUrl);
        Assert.Equal("redis://environment:6379/0", Parse(default, ("REDIS_URL", "redis://environment")).MaskedUrl);
        Assert.Equal("redis://127.0.0.1:6379/0", Parse(default, ("REDIS_URL", "")).MaskedUrl);
    }

    [Fact]
    public void A_password_file_is_read_without_its_line_break()
    {
        using var directory = new TemporaryDirectory();
        var file = PasswordFileOf(directory, "s3cret \n");

        var endpoint = Parse(new RedisFlags("redis://alice@h", file));

        Assert.Equal("s3cret ", endpoint.Password);
        Assert.Equal(PasswordSource.File, endpoint.PasswordSource);
        Assert.Equal("redis://alice:***@h:6379/0", endpoint.MaskedUrl);
        Assert.Equal("s3cret ", Parse(new RedisFlags("redis://alice@h"), ("REDIS_PASSWORD_FILE", file)).Password);
    }

    [Fact]
    public void A_password_file_beats_the_environment_and_is_refused_beside_one_on_the_flag()
    {
        using var directory = new TemporaryDirectory();
        var file = PasswordFileOf(directory, "s3cret");

        Assert.Equal("s3cret", Parse(new RedisFlags(null, file), ("REDIS_URL", "redis://:other@h")).Password);
        Assert.Equal("other", Parse(new RedisFlags("redis://:other@h"), ("REDIS_PASSWORD_FILE", file)).Password);
        var e = Assert.Throws<UsageException>(() => Parse(new RedisFlags("redis://:other@h", file)));
        Assert.DoesNotContain("other@", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3cret", UnixFileMode.OtherRead, "chmod o-r")]
    [InlineData("", UnixFileMode.None, "one line")]
    [InlineData("\n", UnixFileMode.None, "one line")]
    [InlineData("s3cret\nmore\n", UnixFileMode.None, "one line")]
    [InlineData("\xff", UnixFileMode.None, "")]
    [InlineData(null, UnixFileMode.None, "4096 bytes")]
    public void A_password_file_that_others_may_read_or_that_is_none_is_refused(string? text, UnixFileMode mode, string expected)
    {
        using var directory = new TemporaryDirectory();
        var file = PasswordFileOf(directory, text ?? new string('x', 5000), mode);
        if (text == "\xff")
        {
            File.WriteAllBytes(file, [0xff]);
        }

        var e = Assert.Throws<UsageException>(() => Parse(new RedisFlags("redis://h", file)));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_or_holds_no_certificate_is_a_usage_error()
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<UsageException>(() => Parse(new RedisFlags("redis://h", directory.File("none"))));
        Assert.Throws<UsageException>(() => Parse(new RedisFlags("rediss://h", null, directory.File("none"))));
        Assert.Throws<UsageException>(() => Parse(new RedisFlags("rediss://h", null, directory.Write("empty.pem", ""))));
        Assert.Throws<UsageException>(() => Parse(new RedisFlags("redis://h", null, directory.Write("any.pem", ""))));
    }

    private static RedisEndpoint Parse(RedisFlags flags, params (string Name, string Value)[] environment) =>
        RedisEndpoint.Parse(flags, name => environment.FirstOrDefault(e => e.Name == name).Value);

    private static string PasswordFileOf(TemporaryDirectory directory, string text, UnixFileMode more = UnixFileMode.None)
    {
        var file = directory.Write("password", text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        return file;
    }
}
