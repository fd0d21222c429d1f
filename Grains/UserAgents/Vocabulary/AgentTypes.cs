namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>The kinds of agents that matter to the code; the tables hold more.</summary>
internal static class AgentTypes
{
    public const string Browser = "Browser";
    public const string MobileBrowser = "Mobile Browser";
    public const string WapBrowser = "Wap Browser";
    public const string Robot = "Robot";
    public const string Library = "Library";
    public const string Validator = "Validator";
    public const string Anonymizer = "Useragent Anonymizer";
    public const string Other = "Other";
    public const string Unknown = "";
}
