using System.Text;
using Orleans.Mqtt.Gateway.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class PasswordHashTests
{
    [Theory]
    // From the documentation of passlib.
    [InlineData("$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44", "password")]
    [InlineData("$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE", "password")]
    // Written by mosquitto_passwd 2.0.11.
    [InlineData("$7$101$bF4P3xl5eby6+Y+r$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr+F1GUkSlLkPSn+1TRToOM6nxn7SV6mHIeA==", "secret")]
    [InlineData("$7$101$1YQwiUEE/VFHEBNF$7gM2dHMIh17HdwJfQ89EG++XYZhozSqDiTURbjgUWdcv95JyQLcceRPJx1yT9KIzQHr2kln0moXrttdvLTunJw==", "pä:ss")]
    public void Hashes_that_others_wrote_are_understood(string text, string password)
    {
        Assert.True(PasswordHash.TryParse(text, out var hash));

        Assert.True(hash.Matches(Encoding.UTF8.GetBytes(password)));
        Assert.False(hash.Matches(Encoding.UTF8.GetBytes(password + "!")));
        Assert.False(hash.Matches([]));
        Assert.Equal(text, hash.ToString());
    }

    [Fact]
    public void What_is_written_is_read_and_no_two_are_the_same()
    {
        var one = PasswordHash.Create("secret"u8, 10).ToString();
        var other = PasswordHash.Create("secret"u8, 10).ToString();

        Assert.NotEqual(one, other);
        Assert.StartsWith("$pbkdf2-sha256$10$", one, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", one, StringComparison.Ordinal);
        Assert.True(PasswordHash.TryParse(one, out var hash) && hash.Matches("secret"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$")]
    [InlineData("$6$salt$hash")] // one round of SHA-512 is no slow hash
    [InlineData("$7$101$bF4P3xl5eby6+Y+r")]
    [InlineData("$7$0$bF4P3xl5eby6+Y+r$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr")]
    [InlineData("$7$-1$bF4P3xl5eby6+Y+r$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr")]
    [InlineData("$7$999999999$bF4P3xl5eby6+Y+r$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr")]
    [InlineData("$7$101$short$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr")]
    [InlineData("$7$101$bF4P3xl5eby6+Y+r$short")]
    [InlineData("$7$101$bF4P3xl5eby6+Y+r$")]
    [InlineData("$7$101$not base64!!$PdmQLTUMZJSCzqAPeGGnC6gG9aXJCnbVG2O818YsYA+zgM7qhtyr")]
    [InlineData("$pbkdf2-md5$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44")]
    [InlineData("$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44$more")]
    public void What_is_no_hash_is_not_taken_for_one(string text) => Assert.False(PasswordHash.TryParse(text, out _));

    [Fact]
    public void A_hash_that_is_longer_than_any_is_refused() => Assert.False(
        PasswordHash.TryParse($"$7$101$bF4P3xl5eby6+Y+r${Convert.ToBase64String(new byte[300])}", out _));
}
