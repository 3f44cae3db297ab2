using System.Text;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class ScramTests
{
    // The example of RFC 7677, section 3.
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string OurNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string First = "n,,n=user,r=" + Nonce;
    private const string Question = "r=" + Nonce + OurNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string WithoutProof = "c=biws,r=" + Nonce + OurNonce;
    private const string Final = WithoutProof + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    private static readonly ScramVerifier _user =
        ScramVerifier.Create("pencil"u8, 4096, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="));

    [Fact]
    public async Task The_example_of_the_RFC_is_understood()
    {
        var exchange = NewExchange();

        var asked = await SayAsync(exchange, First);
        var judged = await SayAsync(exchange, Final);

        Assert.Equal((ReasonCode.ContinueAuthentication, Question), (asked.Reason, TextOf(asked)));
        Assert.Equal((ReasonCode.Success, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), (judged.Reason, TextOf(judged)));
        Assert.Equal(new ClientIdentity("c", "user") { IsAuthenticated = true }.ToString(), judged.Client!.ToString());
    }

    [Fact]
    public async Task Who_is_unknown_fails_even_with_a_proof_that_is_right()
    {
        var exchange = NewExchange(isKnown: false);

        Assert.Equal(ReasonCode.ContinueAuthentication, (await SayAsync(exchange, First)).Reason);
        Assert.Equal(ReasonCode.BadUserNameOrPassword, (await SayAsync(exchange, Final)).Reason);
    }

    [Theory]
    [InlineData("p=tls-unique,,n=user,r=abc")] // a bound channel is not offered
    [InlineData("n,a=other,n=user,r=abc")]
    [InlineData("n,b,n=user,r=abc")]
    [InlineData("n,,m=x,n=user,r=abc")] // an extension that must be understood
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=a=2Db,r=abc")]
    [InlineData("n,,n=a=,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=user,r=a c")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=us\u0001er,r=abc")]
    [InlineData("user\0pencil")]
    public async Task A_first_message_that_is_none_is_refused(string text) =>
        Assert.Equal(ReasonCode.NotAuthorized, (await SayAsync(NewExchange(), text)).Reason);

    [Theory]
    [InlineData("n,,n=user,r=abc,x=1", "user")]
    [InlineData("y,,n=user,r=abc", "user")]
    [InlineData("n,a=user,n=user,r=abc", "user")]
    [InlineData("n,,n=a=2Cb=3Dc,r=abc", "a,b=c")]
    [InlineData("n,,n=a\u00A0b\u00AD,r=abc", "a b")]
    public void A_first_message_names_the_user(string text, string user) => Assert.Equal(user, ScramFirst.Parse(text)?.UserName);

    [Theory]
    [InlineData(WithoutProof, ReasonCode.NotAuthorized)]
    [InlineData("c=eSws,r=" + Nonce + OurNonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ReasonCode.NotAuthorized)]
    [InlineData("c=biws,r=" + Nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ReasonCode.NotAuthorized)]
    [InlineData(WithoutProof + "x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ReasonCode.NotAuthorized)]
    [InlineData(WithoutProof + ",p=", ReasonCode.BadUserNameOrPassword)]
    [InlineData(WithoutProof + ",p=AAAA", ReasonCode.BadUserNameOrPassword)]
    [InlineData(WithoutProof + ",p=?", ReasonCode.BadUserNameOrPassword)]
    [InlineData(WithoutProof + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVA=", ReasonCode.BadUserNameOrPassword)]
    [InlineData(WithoutProof + ",x=1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ReasonCode.BadUserNameOrPassword)]
    public async Task A_final_message_that_proves_nothing_is_refused(string text, ReasonCode reason)
    {
        var exchange = NewExchange();
        await SayAsync(exchange, First);

        Assert.Equal(reason, (await SayAsync(exchange, text)).Reason);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_too_much_of_it_are_refused()
    {
        Assert.Equal(ReasonCode.NotAuthorized, (await NewExchange().Advance(new byte[] { 0xFF }, TestContext.Current.CancellationToken)).Reason);
        Assert.Equal(ReasonCode.NotAuthorized, (await SayAsync(NewExchange(), First + new string('x', 5000))).Reason);
    }

    [Fact]
    public async Task Who_says_nothing_is_to_begin()
    {
        var exchange = NewExchange();

        var invited = await exchange.Advance(null, TestContext.Current.CancellationToken);

        Assert.Equal((ReasonCode.ContinueAuthentication, true), (invited.Reason, invited.Data is null));
        Assert.Equal(Question, TextOf(await SayAsync(exchange, First)));
    }

    [Fact]
    public void What_is_stored_is_read_and_checks_a_password_too()
    {
        var text = _user.ToString();

        Assert.True(StoredPassword.TryParse(text, out var stored));
        Assert.Equal(text, stored.ToString());
        Assert.True(stored.Matches("pencil"u8));
        Assert.True(stored.Matches(Encoding.UTF8.GetBytes("pen\u00ADcil"))); // one spelling for what looks the same
        Assert.False(stored.Matches("Pencil"u8));
        Assert.False(stored.Matches([0xFF]));
        Assert.DoesNotContain("pencil", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$4095:{0}")]
    [InlineData("SCRAM-SHA-256$99999999:{0}")]
    [InlineData("SCRAM-SHA-1$4096:{0}")]
    [InlineData("SCRAM-SHA-256:4096${0}")]
    [InlineData("SCRAM-SHA-256$4096:{0}:")]
    public void What_is_no_verifier_is_not_taken_for_one(string form)
    {
        var rest = _user.ToString().Split(':', 2)[1];
        Assert.False(StoredPassword.TryParse(form.Replace("{0}", rest, StringComparison.Ordinal), out _));
    }

    [Fact]
    public void An_unknown_user_looks_like_a_known_one_in_every_reading_of_the_file()
    {
        var text = $"alice:{_user}\nbob:{PasswordHash.Create("b"u8, 10)}\n#decoy:abc";
        var (known, isKnown) = PasswordFile.Parse(text).FindVerifier("alice");
        Assert.True(isKnown);
        Assert.Equal(_user.ToString(), known.ToString());

        foreach (var stranger in (string[])["carol", "bob"]) // bob has a password, but no verifier
        {
            var (one, isThere) = PasswordFile.Parse(text).FindVerifier(stranger);
            var (again, _) = PasswordFile.Parse(text + "\ndave:" + _user).FindVerifier(stranger);
            Assert.False(isThere);
            Assert.Equal((4096, 16), (one.Iterations, one.Salt.Length));
            Assert.Equal(one.ToString(), again.ToString());
        }

        Assert.NotEqual(
            PasswordFile.Parse(text).FindVerifier("carol").Verifier.ToString(),
            PasswordFile.Parse(text + "d").FindVerifier("carol").Verifier.ToString());
        Assert.False(PasswordFile.Parse("").FindVerifier("carol").IsKnown);
    }

    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("a\u2003b", "a b")]
    [InlineData("pässwörd", "pässwörd")]
    [InlineData("a\u0007", null)]
    [InlineData("a\uE000", null)]
    [InlineData("a\uFFFD", null)]
    [InlineData("a\u200F", null)]
    public void Text_is_prepared(string text, string? prepared)
    {
        Assert.Equal(prepared is not null, PreparedText.TryPrepare(text, out var was));
        Assert.Equal(prepared, was);
    }

    private static ScramExchange NewExchange(bool isKnown = true) => new("c", _ => (_user, isKnown), OurNonce);

    private static async Task<AuthenticationStep> SayAsync(ScramExchange exchange, string text) =>
        await exchange.Advance(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    private static string TextOf(AuthenticationStep step) => Encoding.UTF8.GetString(step.Data!.Value.Span);
}
