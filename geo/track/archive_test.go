package track_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"fangyu/geo/track"
)

type packedFile struct {
	name, text string
	mode       fs.FileMode
}

func zipped(t testing.TB, files ...packedFile) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.mode != 0 {
			h.SetMode(f.mode)
		}
		w, err := z.CreateHeader(h)
		if err == nil && f.text != "" {
			_, err = io.WriteString(w, f.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAllTracksOfAnArchiveAreReadAndNamed(t *testing.T) {
	gpx, kml := head+first+second+tail, lineString("106.5,29.6 106.6,29.7 106.7,29.8")
	cut := head + first + second[:20]
	for want, files := range map[string][]packedFile{
		"kmz ok-with-notes 3 no_time":             {{name: "doc.kml", text: kml}},
		"kmz ok-with-notes 3 no_time ":            {{name: "doc.kml", text: kml}, {name: "files/", mode: fs.ModeDir | 0o755}, {name: "files/a.png", text: "\x89PNG"}},
		"zip ok 2 ":                               {{name: "3月1日/外业.gpx", text: gpx}},
		"zip ok 2  ":                              {{name: "外业.gpx", text: gpx}, {name: "__MACOSX/._外业.gpx", text: "\x00\x05\x16\x07"}, {name: ".DS_Store", text: "x"}},
		"zip ok-with-notes 5 no_time zip_several": {{name: "a.gpx", text: gpx}, {name: "b.kml", text: kml}},
		"zip ok-with-notes 2 zip_other_files":     {{name: "a.gpx", text: gpx}, {name: "照片.jpg", text: "\xff\xd8\xff"}, {name: "表.xlsx", text: "PK\x03\x04"}},
		"zip partly-read 3 cut zip_several":       {{name: "a.gpx", text: gpx}, {name: "b.gpx", text: cut}},
		"zip partly-read 2 looks_like_html":       {{name: "a.gpx", text: gpx}, {name: "b.gpx", text: "<html>"}},
		"zip unreadable 0 looks_like_html":        {{name: "b.gpx", text: "<html>"}},
		"zip unreadable 0 zip_no_track":           {{name: "readme.md", text: "x"}},
		"zip unreadable 0 zip_no_track ":          {},
		"office unreadable 0 format_not_read":     {{name: "[Content_Types].xml", text: "<Types/>"}, {name: "xl/workbook.xml", text: "<workbook/>"}},
		"zip refused-dangerous 0 dtd":             {{name: "a.gpx", text: gpx}, {name: "b.gpx", text: "<!DOCTYPE gpx>"}},
		"zip refused-dangerous 0 zip_path":        {{name: "a.gpx", text: gpx}, {name: "../../x.gpx", text: gpx}},
		"zip refused-dangerous 0 zip_path ":       {{name: "/etc/x", text: gpx}},
		"zip refused-dangerous 0 zip_path  ":      {{name: `a\b.gpx`, text: gpx}},
		"zip refused-dangerous 0 zip_path   ":     {{name: "C:x", text: gpx}},
		"zip refused-dangerous 0 zip_path    ":    {{name: "a.gpx", text: "/etc/passwd", mode: fs.ModeSymlink | 0o777}},
		"zip refused-dangerous 0 zip_nested":      {{name: "a.gpx", text: gpx}, {name: "b.dat", text: zipped(t)}},
		"zip refused-dangerous 0 zip_nested ":     {{name: "a.gpx.gz", text: string(packed(t, gpx, 1))}},
		"zip refused-dangerous 0 zip_ratio":       {{name: "a.gpx", text: gpx}, {name: "photo.jpg", text: strings.Repeat("\x00", 2<<20)}},
		"kmz refused-dangerous 0 zip_ratio":       {{name: "doc.kml", text: kml + strings.Repeat(" ", 2<<20)}},
	} {
		name := "a." + strings.Fields(want)[0]
		tr := read(t, name, zipped(t, files...))
		got := fmt.Sprintf("%s %s %d %s", tr.Format, tr.State, tr.NumPoints(), noteCodes(tr))
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%v: %s, want %s", files, got, want)
		}
		var through *track.Track // without io.ReaderAt
		through, err := track.Read(name, io.MultiReader(strings.NewReader(zipped(t, files...))))
		if err != nil || through.State != tr.State || noteCodes(through) != noteCodes(tr) || through.NumPoints() != tr.NumPoints() {
			t.Errorf("%v from a stream: %s %q (%v)", files, through.State, noteCodes(through), err)
		}
	}
}

func TestWhatIsWrongInAnArchiveSaysInWhichFile(t *testing.T) {
	gbk := "\xbd\xe7\xd7\xae.gpx"
	tr := read(t, "a.zip", zipped(t, packedFile{name: gbk, text: head + first + `<trkpt lat="29,6" lon="106.5"/>` + tail}, packedFile{name: "b.gpx", text: head + second + tail}))
	n := tr.Find("decimal_comma")
	if n == nil || !strings.HasPrefix(n.Detail, "界桩.gpx：") || n.Line != 5 || tr.State != track.PartlyRead {
		t.Errorf("%s %+v", tr.State, n)
	}
	if n := tr.Find("zip_several"); n == nil || !strings.Contains(n.Detail, "2 个：界桩.gpx、b.gpx") {
		t.Errorf("%+v", n)
	}
}

func TestADamagedArchiveIsNotBelieved(t *testing.T) {
	whole := zipped(t, packedFile{name: "a.gpx", text: string(bigGPX(100))})
	for at := 40; at < 400; at += 7 {
		damaged := []byte(whole)
		damaged[at] ^= 0x10
		if tr := read(t, "a.zip", string(damaged)); tr.State != track.Unreadable || tr.Find("bad_zip") == nil {
			t.Fatalf("byte %d: %s with %d points, %q", at, tr.State, tr.NumPoints(), noteCodes(tr))
		}
	}
	if tr := read(t, "a.zip", whole[:len(whole)/2]); tr.State != track.Unreadable || noteCodes(tr) != "bad_zip" {
		t.Errorf("half of it: %s %q", tr.State, noteCodes(tr))
	}
}

func TestAnArchiveHasLimits(t *testing.T) {
	many := make([]packedFile, 1001)
	for i := range many {
		many[i] = packedFile{name: fmt.Sprintf("%d.gpx", i), text: head + first + tail}
	}
	if tr := read(t, "a.zip", zipped(t, many...)); noteCodes(tr) != "zip_entries" || tr.State != track.RefusedDangerous {
		t.Errorf("1,001 entries: %s %q", tr.State, noteCodes(tr))
	}
	if tr := read(t, "a.zip", zipped(t, many[:1000]...)); tr.NumPoints() != 1000 {
		t.Errorf("1,000 entries: %s %q", tr.State, noteCodes(tr))
	}
	list := make([]packedFile, 40_000)
	for i := range list {
		list[i] = packedFile{name: fmt.Sprintf("%064d", i)}
	}
	text := zipped(t, list...)
	var tr *track.Track
	if used := allocated(func() { tr = read(t, "a.zip", text) }); noteCodes(tr) != "zip_entries" || used > 24<<20 {
		t.Errorf("40,000 entries: %q, %d MB", noteCodes(tr), used>>20)
	}
	// Every entry alone is in proportion, and short: 150 to 1, 1 MB. All together they are not short.
	noise := make([]byte, 6<<10)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(noise)
	one := packedFile{text: string(noise) + strings.Repeat("\x00", 1<<20-len(noise))}
	bulk := make([]packedFile, 300)
	for i := range bulk {
		bulk[i] = one
		bulk[i].name = fmt.Sprintf("%d.bin", i)
	}
	text = zipped(t, bulk...)
	if used := allocated(func() { tr = read(t, "a.zip", text) }); noteCodes(tr) != "zip_size" || used > 64<<20 {
		t.Errorf("300 MB in %d kB: %s %q, %d MB", len(text)>>10, tr.State, noteCodes(tr), used>>20)
	}
}

func TestPicturesUnderAnotherNameAreWhatTheyAre(t *testing.T) {
	for magic, format := range map[string]string{
		"\xff\xd8\xff\xe1": "jpeg", "\x89PNG\r\n\x1a\n": "png", "GIF89a": "gif", "II*\x00": "tiff", "MM\x00*": "tiff", "RIFF\x00\x00\x00\x00WEBPVP8 ": "webp",
		"\x00\x00\x00\x18ftypheic\x00": "heic", "\x00\x00\x00\x18ftypmp42\x00": "mp4", "BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00": "bmp", "%PDF-1.4": "pdf",
		"<svg xmlns='http://www.w3.org/2000/svg'/>": "svg",
	} {
		tr := read(t, "a.gpx", magic)
		if tr.Format != format || tr.State != track.Unreadable || noteCodes(tr) != "format_not_read extension_mismatch" {
			t.Errorf("%q: %s %s %q, want %s", magic, tr.Format, tr.State, noteCodes(tr), format)
		}
	}
	for _, name := range []string{"a.jpg", "a.JPEG"} {
		if tr := read(t, name, "\xff\xd8\xff"); noteCodes(tr) != "format_not_read" {
			t.Errorf("%s: %q", name, noteCodes(tr))
		}
	}
}

func FuzzReadArchive(f *testing.F) {
	f.Add([]byte(zipped(f, packedFile{name: "doc.kml", text: lineString("106.5,29.6")}, packedFile{name: "d/", mode: fs.ModeDir})))
	f.Add([]byte(zipped(f, packedFile{name: "a.gpx", text: head + first + tail}, packedFile{name: "a.zip", text: "PK\x03\x04"})))
	f.Fuzz(func(t *testing.T, b []byte) { mustHold(t, "x.kmz", b) })
}
