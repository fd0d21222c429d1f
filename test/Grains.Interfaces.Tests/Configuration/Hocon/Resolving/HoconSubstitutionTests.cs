using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon.Resolving;

public class HoconSubstitutionTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["PORT"] = "9000", ["EMPTY"] = "", ["DIR"] = "/etc/x", ["a.b"] = "dotted" };

    [Theory]
    [InlineData("a = ${b}, b = 1", """{"a":1,"b":1}""")]
    [InlineData("a = ${b.c}, b { c { d = 1 } }", """{"a":{"d":1},"b":{"c":{"d":1}}}""")]
    [InlineData("a = ${b}, b = [1, {c = 2}]", """{"a":[1,{"c":2}],"b":[1,{"c":2}]}""")]
    [InlineData("a = ${\"b.c\"}, \"b.c\" = true", """{"a":true,"b.c":true}""")]
    [InlineData("a = ${ b }, b = null", """{"a":null,"b":null}""")]
    [InlineData("a = ${b}, b = 1, b = 2", """{"a":2,"b":2}""")]
    [InlineData("a = [${b}, ${b}], b = x", """{"a":["x","x"],"b":"x"}""")]
    public void Substitution_TakesTheFinalValueAtItsAbsolutePath(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = \"${b}\", b = 1", """{"a":"${b}","b":1}""")]
    [InlineData("a = \"\"\"${b}\"\"\", b = 1", """{"a":"${b}","b":1}""")]
    public void SubstitutionInQuotes_IsText(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = ${ ?b}")]
    [InlineData("a = ${b")]
    [InlineData("a = ${}")]
    [InlineData("a = ${b${c}}")]
    [InlineData("a = $b")]
    [InlineData("a = ${b}\nc = 1")]
    public void DamagedOrUnresolvableSubstitution_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = ${PORT}", """{"a":"9000"}""")]
    [InlineData("a = ${?PORT}", """{"a":"9000"}""")]
    [InlineData("a = ${DIR}/x.avsc", """{"a":"/etc/x/x.avsc"}""")]
    [InlineData("a = ${DIR}\"/x.avsc\"", """{"a":"/etc/x/x.avsc"}""")]
    [InlineData("a = ${a.b}", """{"a":"dotted"}""")]
    [InlineData("PORT = 1, b = ${PORT}", """{"PORT":1,"b":1}""")]
    [InlineData("PORT = null, b = ${PORT}", """{"PORT":null,"b":null}""")]
    [InlineData("a = x, a = ${?EMPTY}", """{"a":""}""")]
    public void Environment_IsAskedLastAndGivesTexts(string text, string json) => Assert.Equal(json, HoconReading.Json(text, Environment));

    [Theory]
    [InlineData("port = 8290\nport = ${?NOWHERE}", """{"port":8290}""")]
    [InlineData("port = 8290\nport = ${?PORT}", """{"port":"9000"}""")]
    [InlineData("a = ${?NOWHERE}", "{}")]
    [InlineData("a { b = ${?NOWHERE} }", """{"a":{}}""")]
    [InlineData("a = [1, ${?NOWHERE}, 2]", """{"a":[1,2]}""")]
    [InlineData("a = x${?NOWHERE}y", """{"a":"xy"}""")]
    [InlineData("a = x ${?NOWHERE} y", """{"a":"x  y"}""")]
    [InlineData("a = ${?NOWHERE}${?NEITHER}", "{}")]
    [InlineData("a = ${?NOWHERE} ${?NEITHER}", """{"a":" "}""")] // the blank between them is text
    [InlineData("a = ${?NOWHERE} [1] ${?NEITHER}", """{"a":[1]}""")]
    [InlineData("a = [1] ${?NOWHERE}", """{"a":[1]}""")]
    [InlineData("a = ${?NOWHERE} { b = 1 }", """{"a":{"b":1}}""")]
    [InlineData("a { b = 1 }, a = ${?NOWHERE}, a { c = 2 }", """{"a":{"b":1,"c":2}}""")]
    public void UnsetOptionalSubstitution_IsAsIfNotWritten(string text, string json) => Assert.Equal(json, HoconReading.Json(text, Environment));

    [Theory]
    [InlineData("a = [1], a += 2, a += [3]", """{"a":[1,2,[3]]}""")]
    [InlineData("a += 1", """{"a":[1]}""")]
    [InlineData("a.b += x, a.b += ${c}, c = y", """{"a":{"b":["x","y"]},"c":"y"}""")]
    [InlineData("a = [{ b += 1, b += 2 }]", """{"a":[{"b":[1,2]}]}""")]
    [InlineData("a { 0 = x }, a += y", """{"a":["x","y"]}""")]
    [InlineData("a = [1], a += ${?NOWHERE}", """{"a":[1]}""")]
    public void PlusEquals_Appends(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Fact]
    public void PlusEqualsOnAText_IsAnError() => Assert.Throws<HoconException>(() => HoconReading.Resolve("a = x, a += y"));

    [Theory]
    [InlineData("a = x, a = ${a}y, a = ${a}z", """{"a":"xyz"}""")]
    [InlineData("a = [1], a = ${a} [2]", """{"a":[1,2]}""")]
    [InlineData("a = [1], a = [${a}]", """{"a":[[1]]}""")]
    [InlineData("a { b = 1 }, a = ${a} { c = 2 }", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a.b = x, a.b = ${a.b}y", """{"a":{"b":"xy"}}""")]
    [InlineData("a = ${?a}x", """{"a":"x"}""")]
    [InlineData("a = ${?a}", "{}")]
    [InlineData("foo { a { c = 1 } }, foo = ${foo.a}, foo { a = 2 }", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("PORT = ${PORT}0", """{"PORT":"90000"}""")]
    public void FieldThatRefersToItself_SeesItsEarlierValue(string text, string json) => Assert.Equal(json, HoconReading.Json(text, Environment));

    [Theory]
    [InlineData("a = ${a}")]
    [InlineData("a = ${a}x")]
    [InlineData("a = ${b}, b = ${a}")]
    [InlineData("a = ${b}, b = ${c}, c = ${a}")]
    [InlineData("a { b = ${a} }")]
    [InlineData("a { b = ${c} }, c { d = ${a} }")]
    [InlineData("a = [${a}]")]
    [InlineData("a = x, a { b = ${a} }")]
    public void Cycle_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = [${NOWHERE}], a { b = 1 }", """{"a":{"b":1}}""")]
    [InlineData("a = ${NOWHERE}, a = 1", """{"a":1}""")]
    public void ValueThatIsHidden_NeedNotBeResolvable(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("c { b = ${?c} }", """{"c":{}}""")]
    [InlineData("a.b.c = ${?a}", """{"a":{"b":{}}}""")]
    [InlineData("a.b = ${?a} \"y\"", """{"a":{"b":" y"}}""")]
    [InlineData("a.b.c { b = [${?a.b}, z] }", """{"a":{"b":{"c":{"b":["z"]}}}}""")]
    [InlineData("x = ${c}, c { b = ${?c}, d = 1 }, y = ${c}", """{"x":{"d":1},"c":{"d":1},"y":{"d":1}}""")]
    public void OptionalReferenceToWhatHoldsIt_IsAsIfNotWritten(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }, bar { foo = 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar { a = ${foo.d}, b = 1 }, bar.b = 3, foo { c = ${bar.b}, d = 2 }, foo.d = 4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("base { x = 1 }, a = ${base} { y = ${a.x} }", """{"base":{"x":1},"a":{"x":1,"y":1}}""")]
    [InlineData("base { x = 1 }, a = ${base}, a { y = ${a.x}, x = 5 }", """{"base":{"x":1},"a":{"x":5,"y":5}}""")]
    public void ObjectsMayReferToThemselvesAndEachOther(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("base { x = 1, x = ${base.x}2 }, a = ${base} {}", """{"base":{"x":"12"},"a":{"x":"12"}}""")]
    [InlineData("base { x = 1 }, a = ${base}, a { x = 2, x = ${a.x}3 }", """{"base":{"x":1},"a":{"x":"23"}}""")]
    [InlineData("base { x = 1 }, a = ${base}, a.x = ${a.x}3", """{"base":{"x":1},"a":{"x":"13"}}""")]
    [InlineData("base { x = 1, y = ${base.x} }, a = ${base} { x = 2 }", """{"base":{"x":1,"y":1},"a":{"x":2,"y":1}}""")]
    [InlineData("base { p { q = 1 } }, a = ${base}, a.p.r = 2, b = ${a.p} { q = 3 }", """{"base":{"p":{"q":1}},"a":{"p":{"q":1,"r":2}},"b":{"q":3,"r":2}}""")]
    [InlineData("a = 1, b = ${a}, a = ${b}2", """{"a":"12","b":"12"}""")]
    public void ReferenceInAnInheritedObject_LooksBackInItsOwnPlace(string text, string json) => Assert.Equal(json, HoconReading.Json(text));
}
