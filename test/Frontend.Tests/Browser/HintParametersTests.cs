using System.Text;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class HintParametersTests
{
    [Theory]
    [InlineData(true, "sec-ch-ua-model=%22Pixel+7%22", "", "\"Pixel 7\"")]
    [InlineData(true, "sec-ch-ua-model=%22Pixel+7%22", "Sec-CH-UA-Model: \"Own\"\r\n", "\"Own\"")]
    [InlineData(true, "sec-ch-ua-model=", "", null)]
    [InlineData(true, "sec-ch-ua-model=a%0d%0aX: y", "", null)]
    [InlineData(true, "sec-ch-ua-model=%C3%A9", "", null)]
    [InlineData(true, "user-agent=a", "", null)]
    [InlineData(false, "sec-ch-ua-model=%22Pixel+7%22", "", null)]
    public async Task Hint_IsTakenForTheHeaderByKeyOnly(bool hasKey, string parameter, string headers, string? model)
    {
        var source = new BrowserSourceOptions { Name = "one", JavaScript = new JavaScriptOptions { HasClientHints = hasKey } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Sources = [source] });

        await frontend.GetAsync($"/csc-event?p=0%3A1%3Ap&s=0%3A1%3As&v=v&e=e&c=1&n=f&f=f&{parameter.Replace(" ", "%20", StringComparison.Ordinal)}", headers);

        var frame = EventFrameReader.Parse(Assert.Single(frontend.Frames));
        var found = new List<string>();
        foreach (var header in frame.Headers)
        {
            if (Encoding.Latin1.GetString(header.Name).Equals("Sec-CH-UA-Model", StringComparison.OrdinalIgnoreCase))
                found.Add(Encoding.Latin1.GetString(header.Value));
        }
        Assert.Equal(model is null ? [] : [model], found);
    }
}
