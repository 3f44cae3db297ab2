using System.Text;
using CsCheck;
using Orleans.Mqtt.Silo.Nats;

namespace Orleans.Mqtt.Tests.Nats.Mapping;

/// <summary>Topics as subjects and back.</summary>
public sealed class SubjectMapTests
{
    [Theory]
    [InlineData("a", "p.a")]
    [InlineData("a/b/c", "p.a.b.c")]
    [InlineData("/a", "p./.a")]
    [InlineData("a/", "p.a./")]
    [InlineData("a//b", "p.a./.b")]
    [InlineData("/", "p././")]
    [InlineData("//", "p./././")]
    [InlineData("a.b", "p.a//b")]
    [InlineData(".", "p.//")]
    [InlineData("./.", "p.//.//")]
    [InlineData("$a/é/日本", "p.$a.é.日本")]
    [InlineData("a*/>b/**", "p.a*.>b.**")]
    public void A_topic_has_one_subject_and_a_subject_one_topic(string topic, string subject)
    {
        Assert.Equal(subject, Subject(topic));
        Assert.Equal(topic, SubjectMap.ToTopic(subject["p.".Length..]));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData(" ")]
    [InlineData("a\tb")]
    [InlineData("a\r\nPUB b 0\r\n")]
    [InlineData("a\u0001")]
    [InlineData("a\u007f")]
    [InlineData("*")]
    [InlineData("a/*")]
    [InlineData("*/a")]
    [InlineData("a/>")]
    [InlineData(">")]
    public void What_would_mean_something_else_to_NATS_has_no_subject(string topic) => Assert.Null(Subject(topic));

    [Fact]
    public void A_subject_fits_a_line_of_the_protocol()
    {
        Assert.NotNull(Subject(new string('a', SubjectMap.LongestSubject - 2)));
        Assert.Null(Subject(new string('a', SubjectMap.LongestSubject - 1)));
        Assert.Null(Subject(new string('.', SubjectMap.LongestSubject / 2)));
        Assert.Null(Subject(new string('a', 65_535)));
    }

    [Theory]
    [InlineData("a+b")]
    [InlineData("a.#")]
    [InlineData("a/b")] // one '/' that is not a whole token is of no topic
    [InlineData("a./b")]
    [InlineData("///")]
    [InlineData("")]
    [InlineData("a..b")]
    public void A_subject_that_is_of_no_topic_is_not_taken_for_one(string subject) => Assert.Null(SubjectMap.ToTopic(subject));

    [Fact]
    public void Whatever_topic_has_a_subject_comes_back_from_it() =>
        Gen.OneOf("/", ".", "a", "*", ">", "é", "$", " ", "日").Array[1, 12].Select(string.Concat).Sample(topic =>
        {
            if (Subject(topic) is not { } subject)
                return topic.Contains(' ', StringComparison.Ordinal) || topic.Split('/').Any(level => level is "*" or ">");

            var tokens = subject.Split('.');
            return SubjectMap.ToTopic(subject["p.".Length..]) == topic
                && tokens.All(token => token.Length > 0)
                && tokens.Length == topic.Split('/').Length + 1;
        });

    [Fact]
    public void Whatever_subject_has_a_topic_comes_back_from_it() =>
        Gen.OneOf("/", "//", ".", "a", "é", "+").Array[1, 12].Select(string.Concat).Sample(subject =>
            SubjectMap.ToTopic(subject) is not { } topic || Subject(topic) == $"p.{subject}");

    private static string? Subject(string topic) => SubjectMap.ToSubject("p", Encoding.UTF8.GetBytes(topic));
}
