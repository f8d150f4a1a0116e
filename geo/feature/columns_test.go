package feature_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

func TestMapSaysWhatItKnows(t *testing.T) {
	known := feature.Columns{
		Fields:  map[string][]string{"name": {"名称", "地名"}, "parentCode": {"上级代码"}, "lon": {"经度"}, "lat": {"纬度"}},
		Ignored: []string{"center", "行号"},
	}
	s := open(t, write(t, "a.csv", []byte("地名,Parent_Code,横,竖,Center,其他\n江北区,500100,106.5,29.6,,x\n")))
	_, err := s.Map(known, nil)
	for _, word := range []string{"横、竖、其他", "lat、lon、name、parentCode", "请逐列指定，或略去"} {
		if !fault.Is(err, "unknown-column") || !strings.Contains(err.Error(), word) {
			t.Errorf("%v: lacks %q", err, word)
		}
	}
	m, err := s.Map(known, map[string]string{"横": "lon", "竖": "lat", "其他": "-"})
	if err != nil || strings.Join(m.NotTaken, " ") != "Center 其他" {
		t.Fatalf("%+v, %v", m, err)
	}
	good, _ := rows(t, s)
	rec, err := m.Apply(good[0])
	if err != nil || rec.Geometry != (orb.Point{106.5, 29.6}) || rec.Fields["name"] != "江北区" || rec.Fields["parentCode"] != "500100" || len(rec.Fields) != 4 {
		t.Errorf("%+v, %v", rec, err)
	}
	for code, theirs := range map[string]map[string]string{
		"no-such-column": {"没有": "name"}, "unknown-field": {"横": "population"}, "column-twice": {"横": "name", "竖": "-", "其他": "-"},
	} {
		if _, err := s.Map(known, theirs); !fault.Is(err, code) {
			t.Errorf("%v: %v, want %s", theirs, err, code)
		}
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "feature")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "places.csv")
	if err := os.WriteFile(path, []byte("名称,经度,纬度\n鸡心岭,109.7,31.6\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	src, err := feature.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	mapping, err := src.Map(feature.Columns{Fields: map[string][]string{"name": {"名称"}, "lon": {"经度"}, "lat": {"纬度"}}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for rec, err := range src.Records() {
		if err == nil {
			rec, err = mapping.Apply(rec)
		}
		fmt.Println(rec.Line, rec.Fields["name"], rec.Geometry, err)
	}
	// Output: 2 鸡心岭 [109.7 31.6] <nil>
}

func TestGuess(t *testing.T) {
	s := &feature.Source{Headings: []string{"名称", "NAME", "lon", "备考", "romanization", "WKT"}}
	guess := s.Guess(feature.Columns{Fields: map[string][]string{"name": {"名称"}, "lon": nil}, Ignored: []string{"romanization"}})
	want := map[string]string{"名称": "name", "NAME": "", "lon": "lon", "备考": "", "romanization": "-"}
	if !maps.Equal(guess, want) {
		t.Errorf("got %v", guess)
	}
}
