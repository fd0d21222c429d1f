using System.Globalization;
using System.Text;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Script;

public class ScriptErrorTests
{
    private static readonly AvroSchema Schema = AvroSchemaParser.Parse(
        Encoding.UTF8.GetBytes("""{"type":"record","name":"R","fields":[{"name":"location","type":["null","string"],"default":null},{"name":"count","type":["null","int"],"default":null}]}"""),
        toleratesDefaults: false,
        out _);

    [Fact]
    public void Error_ShowsFileLineColumnAndTheLineWithACaret()
    {
        var error = Assert.Throws<ScriptException>(() => Compile("mapping {\n    map location() onto 'lokation'\n}"));

        Assert.Equal((2, 20), (error.Line, error.Column));
        Assert.Equal(
            string.Join(
                Environment.NewLine,
                "test.groovy:2:20: Field lokation does not exist in Avro schema; error in mapping location() onto lokation. Did you mean 'location'?",
                "        map location() onto 'lokation'",
                "                       ^"),
            error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    [InlineData(400)]
    public void LongLine_IsCutOnlyWhenItDoesNotFit(int blanks)
    {
        var error = Assert.Throws<ScriptException>(() => Compile($"mapping {{ {new string(' ', blanks)}map lokation() onto 'location' }}"));

        var lines = error.Message.Split(Environment.NewLine);
        Assert.StartsWith("lokation", lines[1][lines[2].IndexOf('^', StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal(blanks < 100, lines[1].StartsWith("    mapping {", StringComparison.Ordinal));
        Assert.True(lines[1].Length <= 124);
    }

    [Theory]
    [InlineData("mapping { map lokation() onto 'location' }", "There is no function 'lokation'. Did you mean 'location'?")]
    [InlineData("mapping { map location().isPresnt() onto 'location' }", "Did you mean 'isPresent'?")]
    [InlineData("mapping { map location() onnto 'location' }", "Did you mean 'onto'?")]
    [InlineData("mapping { map location onto 'location' }", "'location' is a function: it needs an argument or parentheses, as in location().")]
    [InlineData("map location() onto 'location'", "'location' is known only inside mapping { … }.")]
    [InlineData("mapping { map parse(location()).to('int32') onto 'count' }", "The types are int32, int64, fp32, fp64, bool and uri, not in quotes.")]
    [InlineData("mapping { map location() onto 'count' }", "Use parse … to int32.")]
    [InlineData("mapping { map 1.5 onto 'count' }", "Write the number with a suffix")]
    [InlineData("mapping { map \"a${1}\" onto 'location' }", "Append .toString()")]
    [InlineData("mapping { map ip2geo().cityName() onto 'location' }", "ip2geo lookup database is not configured")]
    [InlineData("mapping { def location = 'x'\n map location() onto 'location' }", "which hides the function")]
    [InlineData("mapping { map eventParameters().path('$.a[') onto 'location' }", "The JSON path '$.a[' is not valid")]
    [InlineData("mapping { when (corrupt() && duplicate()) apply { } }", "'when' needs a producer as its condition, not true.")]
    [InlineData("mapping { map 'a onto 'location' }", "The string is not closed on its line.")]
    [InlineData("mapping { map location() onto 'location'", "Found the end of the script where '}' is needed")]
    [InlineData("mapping {\n  section {\n    map location() onto 'location'\n}\n", "where '}' is needed to end the closure that line 1 opens")]
    [InlineData("mapping { map 1L onto 'count' }", "do not match). Write 1.")]
    [InlineData("mapping ( map location() onto 'location' }", "'}' found where ')' is needed to close '('.")]
    [InlineData("import java.util.Date\nmapping { }", "cannot be imported")]
    [InlineData("class A { }", "'class' is not supported")]
    public void Errors_SayWhatToDo(string script, string expected)
    {
        var error = Assert.Throws<ScriptException>(() => Compile(script));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mapping {\n map a() onto 'location'\n map location() onto 'b'\n section {\n  map c() onto 'count'\n }\n}", 2, 3, 5)]
    [InlineData("mapping {\n def u = parse locaton() to uri\n map u.host() onto 'location'\n map 1.5 onto 'count'\n}", 2, 4)]
    [InlineData("mapping {\n def x = a()\n x()\n def y = x\n map y onto 'location'\n map 1 onto 'x'\n}", 2, 6)]
    [InlineData("mapping {\n map ) onto 'a'\n map location() onto 'location'\n section {\n map = 4\n }\n}", 2)]
    [InlineData("mapping {\n map onto onto onto 'a'\n section {\n  def = 4\n }\n if 3\n}", 4, 6)]
    [InlineData("mapping {\n def f = { map it onto 'nowhere' }\n f(location())\n f(referer())\n}", 2, 2)]
    [InlineData("map x onto 'a'\nmap y onto 'b'", 1, 2)]
    [InlineData("mapping {\n try { map a() onto 'b' } catch (e) { }\n map location() onto 'x'\n}", 3)]
    [InlineData("mapping {\n map a() onto 'b'\n while (true) { }\n map c() onto 'd'\n}", 2, 3)]
    public void IndependentMistakes_AreAllTold(string script, params int[] lines)
    {
        var error = Assert.Throws<ScriptException>(() => Compile(script));

        Assert.Equal(lines, error.Mistakes.Select(mistake => int.Parse(mistake.Split(':')[1], CultureInfo.InvariantCulture)));
        Assert.All(error.Mistakes, mistake => Assert.Contains(mistake, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ManyMistakes_AreToldInPart()
    {
        var error = Assert.Throws<ScriptException>(() => Compile(string.Concat(Enumerable.Range(0, 1000).Select(number => $"map x{number} onto 'y'\n"))));

        Assert.InRange(error.Mistakes.Count, 20, 21);
    }

    [Theory]
    [InlineData("def h\nh = { h() }\nh()")]
    [InlineData("while (true) { }")]
    [InlineData("def s = 'x'\nwhile (true) { s = s + s }")]
    [InlineData("def l = [1]\nwhile (true) { l.addAll(l) }")]
    [InlineData("for (i in 0..2000000000) { }")]
    [InlineData("2000000000.times { }")]
    [InlineData("def x = 'ab' * 2000000000")]
    [InlineData("def x = 2 ** 1000000")]
    [InlineData("def x = 1 << 1000000")]
    [InlineData("def m() { m() }\nm()")]
    [InlineData("def l = []\nl << l\nl << l\nwhile (l == l) { }")]
    [InlineData("try { while (true) { } } catch (e) { }")]
    [InlineData("mapping { while (true) { exit() } }")]
    [InlineData("def x = 'x'.padLeft(2000000000)")]
    [InlineData("def x = ('a' * 30).replaceAll('(a+)+b', 'x') + undefined")]
    [InlineData("def x = 'aaaa' * 100000\nwhile (true) { x.replaceAll('a', 'aaaa') }")]
    public void EndlessScripts_AreStopped(string script) => Assert.Throws<ScriptException>(() => Compile(script));

    [Fact]
    public void DeepNesting_IsRefused()
    {
        Assert.Throws<ScriptException>(() => Compile(new string('(', 5000) + new string(')', 5000)));
        Assert.Throws<ScriptException>(() => Compile("def x = " + string.Concat(Enumerable.Repeat("1 + ", 5000)) + "1"));
        Assert.Throws<ScriptException>(() => Compile("def x = a" + string.Concat(Enumerable.Repeat(".b", 5000))));
        Assert.Throws<ScriptException>(() => Compile("def x = " + new string('!', 5000) + "true"));
        Assert.Throws<ScriptException>(() => Compile(string.Concat(Enumerable.Repeat("if (true) ", 5000)) + "1"));
        Assert.Throws<ScriptException>(() => Compile("def x = " + string.Concat(Enumerable.Repeat("\"${", 5000))));
        Assert.Throws<ScriptException>(() => Compile("def x = y = " + string.Concat(Enumerable.Repeat("z = ", 5000)) + "1"));
    }

    [Fact]
    public void Warnings_NameThePlace()
    {
        var context = new MappingContext(Schema, new Enrichment(NoUserAgents.Instance, null));
        ScriptEvaluator.Compile(new ScriptSource("test.groovy", "mapping {\n  when corrupt() stop\n  def m = match '(' against location()\n}"), context);

        Assert.Contains(context.Warnings, warning => warning.StartsWith("test.groovy:2:18: 'stop' is only named here", StringComparison.Ordinal));
        Assert.Contains(context.Warnings, warning => warning.StartsWith("test.groovy:3:", StringComparison.Ordinal));
    }

    private static MappingProgram Compile(string script) =>
        ScriptEvaluator.Compile(new ScriptSource("test.groovy", script), new MappingContext(Schema, new Enrichment(NoUserAgents.Instance, null)));
}
