package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// What the commands print for people says what to do, in their words: codes and English states are for --json.
func TestTrackCommandsSpeakToPeople(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	chain, err := geo.NewChain(orb.MultiLineString{{{106.5, 29.6}, {106.53, 29.62}, {106.56, 29.6}, {106.58, 29.63}}})
	if err != nil {
		t.Fatal(err)
	}
	walk := boundary.Walk{Seed: 1, NoiseM: 3, SpacingM: 5, Start: time.Date(2026, 5, 1, 1, 0, 0, 0, time.UTC), Frame: geo.GCJ02}
	mars, page := write("mars.gpx", string(boundary.SynthesizeTrack(chain, walk))), write("page.gpx", "<html>sign in</html>")
	cut := write("cut.gpx", string(boundary.SynthesizeTrack(chain, walk)[:3000]))
	line := write("line.geojson", `{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[106.5,29.6],[106.53,29.62],[106.56,29.6],[106.58,29.63]]}}`)

	var out bytes.Buffer
	if err := (&trackCheckCommand{Files: []string{filepath.Join(dir, "absent.gpx"), dir, write("none.gpx", ""), page, cut}}).Run(&env{out: &out}); !errors.Is(err, errFound) {
		t.Errorf("a page is checked: %v", err)
	}
	match := &trackMatchCommand{Line: line, Level: "county", Receiver: "phone", Files: []string{mars, page}, Photos: []string{page}}
	if err := match.Run(&env{out: &out}); !errors.Is(err, errFound) {
		t.Errorf("a page is matched: %v", err)
	}
	for _, want := range []string{
		"absent.gpx：无法读取", "absent.gpx：请确认文件存在且可读", dir + " 是文件夹：请给出里面的文件", "none.gpx：空文件",
		"page.gpx：html 无法读取", "[禁止] 内容是网页", "cut.gpx：gpx 读取了一部分", "[提醒] 第 ",
		"坐标系待确认，未计入（核实后用 --frame 说明）", "page.gpx 无法读取，不计入：[禁止] 内容是网页", "page.gpx：没有读出拍摄位置",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for _, code := range []string{"第 0 行", "[block]", "unreadable", "partly-read", "looks_like_html", "附近没有界桩"} {
		if strings.Contains(out.String(), code) {
			t.Errorf("%q is in\n%s", code, out.String())
		}
	}
}
