package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exportable is a data folder with places of two divisions.
func exportable(t *testing.T) string {
	t.Helper()
	data, dir := dataDir(t), t.TempDir()
	running(t, data) // else every command starts and stops the database
	for _, c := range [][2]string{
		{"divisions", "code,name\n500000,重庆市\n500233,忠县\n500112,渝北区\n"},
		{"places", "name,category,divisionCode,lon,lat,validFrom,validTo\n老渡口,facility,500233,108.03,30.29,1990-01-01,2010-01-01\n" +
			"=新渡口,facility,500233,108.04,30.30,2010-01-01,\n统景湾,natural,500112,106.5,29.7,,\n"},
	} {
		path := filepath.Join(dir, c[0]+".csv")
		if err := os.WriteFile(path, []byte(c[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, errs, code := fangyu(t, data, "import", c[0], path, "--frame", "4490"); code != 0 {
			t.Fatal(out, errs)
		}
	}
	return data
}

// TestExportOfPlaces through the program: a whole file or none, progress apart from it, wrong use refused.
func TestExportOfPlaces(t *testing.T) {
	data, dir := exportable(t), t.TempDir()
	out, errs, code := fangyu(t, data, "export", "places", "--division", "500233", "--where", "category=facility")
	if code != 0 || !strings.HasPrefix(out, "\ufeffid,version,name,") || !strings.Contains(out, ",'=新渡口,") || strings.Contains(out, "湾") || !strings.Contains(errs, "导出 1 条地名") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	for format, begins := range map[string]string{"csv": "\ufeffid,", "xlsx": "PK", "geojson": `{"type"`, "shapefile": "PK", "gpkg": "SQLite format 3"} {
		path := filepath.Join(dir, "out."+format)
		_, errs, code := fangyu(t, data, "export", "places", "--format", format, "--datetime", "2000-01-01", "--output", path)
		content, err := os.ReadFile(path)
		if code != 0 || err != nil || !bytes.HasPrefix(content, []byte(begins)) || !strings.Contains(errs, "导出 ") {
			t.Errorf("%s: %d %v %.20q %s", format, code, err, content, errs)
		}
		if format == "geojson" && (!bytes.Contains(content, []byte("老渡口")) || bytes.Contains(content, []byte("新渡口"))) {
			t.Error("it is not as of the day")
		}
	}
	for args, says := range map[string]string{
		"lines": "places", "places --format pdf": "csv", "places --datetime 2000": "--datetime", "places --bbox 1,2,3": "--bbox", "places --where colour=red": "colour", "places --where category=strret": "strret",
		"places --encoding gbk": "shapefile", "places --division x": "--division",
	} {
		if _, errs, code := fangyu(t, data, append([]string{"export"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(errs, says) {
			t.Errorf("%s: %d %s", args, code, errs)
		}
	}
	before := listed(t, dir)
	if _, errs, code := fangyu(t, data, "export", "places", "--division", "500999", "--output", filepath.Join(dir, "none.csv")); code != 1 || listed(t, dir) != before {
		t.Errorf("of no division: %d %s %s", code, errs, listed(t, dir))
	}
}

func listed(t *testing.T, dir string) (names string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names += e.Name() + " "
	}
	return names
}

// TestAFileIsThereWholeOrNotAtAll: what breaks off leaves what was there before, and nothing beside it.
func TestAFileIsThereWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "places.csv")
	half := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, context.Canceled)
	}
	if err := wholly(path, half); !errors.Is(err, context.Canceled) || listed(t, dir) != "" {
		t.Errorf("%v, and there is %s", err, listed(t, dir))
	}
	whole := func(text string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}
	}
	if err := wholly(path, whole("first")); err != nil {
		t.Fatal(err)
	}
	if err := wholly(path, half); err == nil {
		t.Error("half a file is no error")
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "first" || listed(t, dir) != "places.csv " {
		t.Errorf("%q %v, and there is %s", content, err, listed(t, dir))
	}
	if err := wholly(filepath.Join(dir, "no", "such", "folder.csv"), whole("")); err == nil {
		t.Error("a file in no folder")
	}
}
