using Orleans.Mqtt.Gateway.Hosting.Admin;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public sealed class ApiKeysTests
{
    private readonly ApiKeys _keys = new(["first-key-of-several", "second-key-of-several"]);

    [Theory]
    [InlineData("first-key-of-several", true)]
    [InlineData("second-key-of-several", true)]
    [InlineData("First-key-of-several", false)]
    [InlineData("first-key-of-severa", false)]
    [InlineData("first-key-of-several ", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_key_opens_when_it_is_one_of_them(string? key, bool opens) => Assert.Equal(opens, _keys.Have(key));

    [Fact]
    public void Where_there_is_none_none_opens()
    {
        var none = new ApiKeys([]);

        Assert.False(none.Any);
        Assert.False(none.Have(""));
        Assert.False(none.Have(null));
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcde", false)]
    [InlineData("0123456789 abcdef", false)]
    [InlineData("0123456789abcdeü", false)]
    [InlineData("", false)]
    public void A_key_must_be_hard_to_guess_and_fit_into_a_header(string key, bool isFit) =>
        Assert.Equal(isFit, ApiKeys.IsFit(key));
}
