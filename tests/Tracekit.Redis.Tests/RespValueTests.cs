namespace Tracekit.Redis.Tests;

public sealed class RespValueTests
{
    [Fact]
    public void A_number_is_read_from_a_number_and_from_its_text()
    {
        Assert.Equal(42, RespValue.Number(42).AsInt64());
        Assert.Equal(-42, RespValue.Bulk("-42"u8.ToArray()).AsInt32());
        Assert.Equal(0.5, RespValue.Bulk("0.5"u8.ToArray()).AsDouble());
        Assert.True(RespValue.Number(1).AsBoolean());
    }

    [Fact]
    public void A_missing_value_is_null_as_text_and_empty_as_an_array()
    {
        Assert.Null(RespValue.Null().AsTextOrNull());
        Assert.Equal(0, RespValue.Null().Count);
    }

    [Theory]
    [InlineData("number")]
    [InlineData("text")]
    [InlineData("array")]
    [InlineData("item")]
    public void Another_type_than_expected_is_told_with_the_command_and_without_the_content(string type)
    {
        var value = type == "text" ? RespValue.Number(1, "HGET") : RespValue.Bulk("hunter2"u8.ToArray(), "HGET");
        if (type == "item")
        {
            value = RespValue.Array([value], "HGET");
        }

        var e = Assert.Throws<RedisException>(() => type switch
        {
            "number" => value.AsInt64(),
            "text" => value.AsText().Length,
            "item" => value[3].AsInt64(),
            _ => value.Count,
        });

        Assert.Matches("^HGET: .* expected, got ", e.Message);
        Assert.DoesNotContain("hunter2", e.Message + value, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_within_an_array_throws_as_the_servers_when_it_is_read()
    {
        var value = RespValue.Array([RespValue.Error("WRONGTYPE no list"u8, "EXEC")], "EXEC");

        var e = Assert.Throws<RedisServerException>(() => value[0].AsInt64());

        Assert.Equal(RedisErrorCode.WrongType, e.Code);
        Assert.StartsWith("EXEC: WRONGTYPE no list", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NOSCRIPT No matching script", "NOSCRIPT")]
    [InlineData("ERR unknown", "ERR")]
    [InlineData("Some text", "ERR")]
    [InlineData("", "ERR")]
    [InlineData("LOADING", "LOADING")]
    public void The_code_of_an_error_is_its_first_word_in_capitals(string text, string code) =>
        Assert.Equal(code, RedisErrorCode.Of(System.Text.Encoding.ASCII.GetBytes(text)));
}
