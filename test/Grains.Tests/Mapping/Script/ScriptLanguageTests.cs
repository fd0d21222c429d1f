using Xunit;

namespace Divolte.Grains.Tests.Mapping.Script;

/// <summary>Plain Groovy around the words of the mapping language.</summary>
public class ScriptLanguageTests
{
    [Theory]
    [InlineData("map 'a' + 'b' * 2 onto 's1'", "abb")]
    [InlineData("map ('a' + 'b' * 2) onto 's1'", "abb")]
    [InlineData("map ('a').trim() onto 's1'", null)]
    [InlineData("def x = 'a'\nx += 'b'\nmap x onto 's1'", "ab")]
    [InlineData("def f = { n, d = 'z' -> \"$n$d\".toString() }\nmap f('a') onto 's1'", "az")]
    [InlineData("def m(String x) { x.toUpperCase() }\nmap m('ab') onto 's1'", "AB")]
    [InlineData("def s = ''\nfor (i in 1..3) { s += i }\nmap s onto 's1'", "123")]
    [InlineData("def s = ''\nfor (int i = 0; i < 3; i++) { if (i == 1) continue\n s += i }\nmap s onto 's1'", "02")]
    [InlineData("def s = ''\nwhile (s.length() < 3) { s += 'x' }\nmap s onto 's1'", "xxx")]
    [InlineData("def n = 0\ndo { n++ } while (n < 5)\nmap n.toString() onto 's1'", "5")]
    [InlineData("def s = 'no'\nswitch (3) { case 1..2: s = 'low'; break\n case 3..4: s = 'mid'\n break\n default: s = 'high' }\nmap s onto 's1'", "mid")]
    [InlineData("def s\ntry { s = null.foo() } catch (NullPointerException | RuntimeException e) { s = 'caught' } finally { s += '!' }\nmap s onto 's1'", "caught!")]
    [InlineData("def (a, b) = ['x', 'y']\n(a, b) = [b, a]\nmap \"$a$b\".toString() onto 's1'", "yx")]
    [InlineData("def x = ['b', 'a'].sort().join('-')\nmap x onto 's1'", "a-b")]
    [InlineData("map((['a', 'bb']*.size()).join(',')) onto 's1'", "1,2")]
    [InlineData("def l = ['a', 'b']\nmap([*l, 'c'].join('')) onto 's1'", "abc")]
    [InlineData("def m = [a: 1, 'b': 2]\nm.c = 3\nmap m.collect { k, v -> \"$k$v\" }.join(',') onto 's1'", "a1,b2,c3")]
    [InlineData("map ((5 > 3) ? 'yes' : 'no') onto 's1'", "yes")]
    [InlineData("map (null ?: 'default') onto 's1'", "default")]
    [InlineData("def x = null\nmap (x?.trim() ?: 'safe') onto 's1'", "safe")]
    [InlineData("map(('42' as Integer).toString()) onto 's1'", "42")]
    [InlineData("map((10 / 4).toString()) onto 's1'", "2.5")]
    [InlineData("map(7.intdiv(2).toString()) onto 's1'", "3")]
    [InlineData("map(('a1b22' =~ /\\d+/).join(',')) onto 's1'", "1,22")]
    [InlineData("map 'a1b2'.replaceAll(/(\\d)/, '<$1>') onto 's1'", "a<1>b<2>")]
    [InlineData("map(('a'..'d').join('')) onto 's1'", "abcd")]
    [InlineData("def g = { -> return 'early'\n 'late' }\nmap g() onto 's1'", "early")]
    [InlineData("'text'.with { map toUpperCase() onto 's1' }", "TEXT")]
    [InlineData("def l = ['b', 'a', 'b']\nl.sort()\nl.unique()\nmap l.join('') onto 's1'", "ab")]
    [InlineData("def l = [2, 1]\nmap(l.toSorted().join('') + l.join('')) onto 's1'", "1221")]
    [InlineData("map([1, [2, [3, 4..5]]].flatten().join(',')) onto 's1'", "1,2,3,4,5")]
    [InlineData("map([1, 2, 3].takeWhile { it < 3 }.join('') + [1, 2, 3].takeRight(1).join('')) onto 's1'", "123")]
    [InlineData("map(['a', null, 'b'].findResults { it?.toUpperCase() }.join('')) onto 's1'", "AB")]
    [InlineData("map(['ab', 'c', 'de'].countBy { it.size() }.toString()) onto 's1'", "[2:2, 1:1]")]
    [InlineData("def l = ['a', 'b', 'c']\nl.removeAll(['a', 'c'])\nl.add(0, 'x')\nmap l.join('') onto 's1'", "xb")]
    [InlineData("map([['a', 1], ['b', 2]].transpose().toString()) onto 's1'", "[[a, b], [1, 2]]")]
    [InlineData("map([1, 2].containsAll([2]).toString() + [1].disjoint([2])) onto 's1'", "truetrue")]
    [InlineData("def m = [b: 2, a: 1].asImmutable()\nmap m.sort { it.value }.keySet().join('') onto 's1'", "ab")]
    [InlineData("map([b: 1, a: 2].sort().toString() + [a: 1, b: 2].subMap(['b'])) onto 's1'", "[a:2, b:1][b:2]")]
    [InlineData("map([a: 1, b: 2].collectMany { k, v -> [k] * v }.join('') + [a: 1].count { k, v -> v > 0 }) onto 's1'", "abb1")]
    [InlineData("map('' + 'abc'.compareTo('abe') + ',' + 'abc'.compareTo('a')) onto 's1'", "-2,2")]
    [InlineData("map([1, 2, 3].inject { a, b -> a + b }.toString() + [1, 2].sum(10) { it }) onto 's1'", "613")]
    [InlineData("import java.util.*\nmap 'x' onto 's1'", "x")]
    [InlineData("def n = 'size'\nmap 'abc'.\"$n\"().toString() onto 's1'", "3")]
    [InlineData("def m = [:]\ndef n = 'k'\nm.\"$n\" = 'v'\nmap m.\"${n}\" onto 's1'", "v")]
    [InlineData("map 'abc'.'toUpperCase'() onto 's1'", "ABC")]
    [InlineData("map $/a$$b$/c/$ onto 's1'", null)]
    [InlineData("map ($/a$$b$/c/$) onto 's1'", "a$b/c")]
    public void Constructs(string statements, string? expected)
    {
        var script = statements.StartsWith("def m(", StringComparison.Ordinal) || statements.StartsWith("import", StringComparison.Ordinal)
            ? statements.Replace("\nmap", "\nmapping { map", StringComparison.Ordinal) + " }"
            : $"mapping {{\n{statements}\n}}";
        if (expected is null)
            Assert.Throws<Divolte.Grains.Mapping.Script.ScriptException>(() => ScriptedRecord.Map(script));
        else
            Assert.Equal(expected, ScriptedRecord.Map(script)["s1"]);
    }

    [Theory]
    [InlineData("final x = 1\nx = 2")]
    [InlineData("def x = 1\ndef x = 2")]
    [InlineData("break")]
    [InlineData("[1].each { continue }")]
    [InlineData("Foo x = 1")]
    [InlineData("def x = 1 as Bar")]
    public void CompileErrors(string script) => Assert.Throws<Divolte.Grains.Mapping.Script.ScriptException>(() => ScriptedRecord.Map(script));

    [Fact]
    public void AssignmentInABody_TakesEffectWhateverTheCondition() =>
        Assert.Equal("inner", ScriptedRecord.Map("mapping { def x\n when referer().isAbsent() apply { x = 'inner' }\n map x onto 's1' }")["s1"]);

    [Fact]
    public void Braces_OnTheNextLineBelongToTheWordBefore() =>
        Assert.Equal("in", ScriptedRecord.Map("mapping\n{\n  section\n  {\n    map 'in' onto 's1'\n  }\n}")["s1"]);
}
