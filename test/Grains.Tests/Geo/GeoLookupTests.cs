using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using Divolte.Grains.Geo;
using Divolte.TestKit.Geo;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Grains.Tests.Geo;

public sealed class GeoLookupTests : IDisposable
{
    private static readonly byte[] Address = [2, 1, 2, 3];

    private readonly TemporaryFolder _folder = new();
    private int _writes;

    private string File1 => Path.Combine(_folder.Path, "city.mmdb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FileReplacedByRename_IsTakenOnceItHasSettled()
    {
        var lookup = OpenWith("NL");
        Write("new.mmdb", Database("BE"));
        File.Move(Path.Combine(_folder.Path, "new.mmdb"), File1, overwrite: true);

        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));
        Assert.Equal("NL", CountryIn(lookup));
        Assert.Equal(GeoReload.Taken, lookup.Look(out _));
        Assert.Equal("BE", CountryIn(lookup));
        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));
    }

    [Fact]
    public void FileWrittenOverInPlace_IsTakenWhenItsWriterHasFinished()
    {
        var lookup = OpenWith("NL");
        var database = Database("BE");
        Write("city.mmdb", database[..(database.Length / 3)]);
        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));
        Write("city.mmdb", database[..(database.Length / 2)]);
        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));
        Write("city.mmdb", database);
        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));

        Assert.Equal(GeoReload.Taken, lookup.Look(out _));

        Assert.Equal("BE", CountryIn(lookup));
    }

    /// <summary>As Kubernetes mounts a ConfigMap: the file leads through a link to a folder, and it is that link that is turned.</summary>
    [Fact]
    public void LinkTurnedToAnotherFolder_IsFollowed()
    {
        Write(Path.Combine("v1", "city.mmdb"), Database("NL"));
        Write(Path.Combine("v2", "city.mmdb"), Database("BE"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "..data"), "v1");
        File.CreateSymbolicLink(File1, Path.Combine("..data", "city.mmdb"));
        var lookup = GeoLookup.Open(File1);
        Assert.Equal("NL", CountryIn(lookup));

        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "..data_tmp"), "v2");
        Directory.Move(Path.Combine(_folder.Path, "..data_tmp"), Path.Combine(_folder.Path, "..data_new"));
        Directory.Delete(Path.Combine(_folder.Path, "..data"));
        Directory.Move(Path.Combine(_folder.Path, "..data_new"), Path.Combine(_folder.Path, "..data"));
        lookup.Look(out _);

        Assert.Equal(GeoReload.Taken, lookup.Look(out _));
        Assert.Equal("BE", CountryIn(lookup));
    }

    [Fact]
    public void BrokenFile_IsToldOnceAndTheOldOneServes()
    {
        var lookup = OpenWith("NL");
        Write("city.mmdb", Encoding.UTF8.GetBytes("no database"));
        lookup.Look(out _);

        Assert.Equal(GeoReload.Refused, lookup.Look(out var problem));

        Assert.Equal($"divolte.global.mapper.ip2geo_database = {File1}: it is no MaxMind database (.mmdb), or its end is missing.", problem);
        Assert.Equal(GeoReload.Unchanged, lookup.Look(out _));
        Assert.Equal("NL", CountryIn(lookup));
    }

    [Fact]
    public void FileThatIsGone_IsToldAndTakenWhenItComesBack()
    {
        var lookup = OpenWith("NL");
        File.Delete(File1);
        lookup.Look(out _);
        Assert.Equal(GeoReload.Refused, lookup.Look(out var problem));
        Assert.Contains("there is no such file", problem, StringComparison.Ordinal);
        Assert.Equal("NL", CountryIn(lookup));

        Write("city.mmdb", Database("BE"));
        lookup.Look(out _);

        Assert.Equal(GeoReload.Taken, lookup.Look(out _));
        Assert.Equal("BE", CountryIn(lookup));
    }

    [Fact]
    public void MissingFile_IsAnErrorThatNamesIt()
    {
        var problem = Assert.Throws<GeoDatabaseException>(() => GeoLookup.Open(File1));

        Assert.Equal($"divolte.global.mapper.ip2geo_database = {File1}: there is no such file.", problem.Message);
    }

    [Fact]
    public void FolderInPlaceOfAFile_IsAnError() =>
        Assert.Contains(_folder.Path, Assert.Throws<GeoDatabaseException>(() => GeoLookup.Open(_folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void PackedFile_IsUnpacked()
    {
        Write("city.mmdb.gz", Packed(Database("NL")));

        Assert.Equal("NL", CountryIn(GeoLookup.Open(Path.Combine(_folder.Path, "city.mmdb.gz"))));
    }

    [Fact]
    public void PackedFileWithoutEnd_IsRefusedAtTheBound()
    {
        Write("city.mmdb.gz", Packed(new byte[4_000_000]));

        Assert.Null(GeoFile.Read(Path.Combine(_folder.Path, "city.mmdb.gz"), out var problem, bytesMax: 1_000_000));
        Assert.Contains("it has more than 1000000 bytes", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void PackedFileThatIsNone_IsAnError()
    {
        Write("city.mmdb.gz", Database("NL"));

        Assert.Null(GeoFile.Read(Path.Combine(_folder.Path, "city.mmdb.gz"), out var problem));
        Assert.Contains("city.mmdb.gz", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LookUpsDuringReloads_AreNeitherLostNorTorn()
    {
        var lookup = OpenWith("NL");
        using var done = new CancellationTokenSource();
        var lookers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var count = 0;
                while (!done.IsCancellationRequested)
                {
                    var place = lookup.Find(Address);
                    Assert.NotNull(place);
                    // Country and city of one database always belong together.
                    Assert.Equal(Encoding.UTF8.GetString(place.Country.Code!) + "-City", Encoding.UTF8.GetString(place.CityName!));
                    count++;
                }
                return count;
            },
            TaskCreationOptions.LongRunning)).ToList();

        for (var reload = 0; reload < 100; reload++)
        {
            Write("city.mmdb", Database(reload % 2 == 0 ? "BE" : "NL"));
            lookup.Look(out _);
            Assert.Equal(GeoReload.Taken, lookup.Look(out _));
        }
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(lookers), count => Assert.True(count > 0));
    }

    [Fact]
    public void DatabaseThatWasReplaced_IsReleased()
    {
        var lookup = OpenWith("NL");
        var old = Replace(lookup);

        GC.Collect();

        Assert.False(old.IsAlive);
        Assert.Equal("BE", CountryIn(lookup));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Replace(GeoLookup lookup)
    {
        var old = new WeakReference(lookup.Current);
        Write("city.mmdb", Database("BE"));
        lookup.Look(out _);
        Assert.Equal(GeoReload.Taken, lookup.Look(out _));
        return old;
    }

    private GeoLookup OpenWith(string country)
    {
        Write("city.mmdb", Database(country));
        return GeoLookup.Open(File1);
    }

    private static byte[] Database(string country) =>
        new GeoDatabaseBuilder().Add("2.0.0.0/8", new Dictionary<string, object> { ["country_code"] = country, ["city"] = $"{country}-City" }).Build();

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Writes a file that is later than all before, as those are that people write.</summary>
    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(++_writes));
    }

    private static string CountryIn(GeoLookup lookup) => Encoding.UTF8.GetString(lookup.Find(Address)!.Country.Code!);
}
