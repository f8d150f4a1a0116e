package main

import (
	"time"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// demoWords are words to name with that say what a place is like, of no real place.
var demoWords = []gazetteer.Word{
	{Text: "锦溪", Note: "溪水两岸繁花如锦"},
	{Text: "翠屏", Note: "山如翠色屏风"},
	{Text: "春岚", Note: "春天山间的雾气"},
	{Text: "云麓", Note: "山脚多云"},
	{Text: "竹韵", Note: "当地多竹"},
	{Text: "枫桥", Note: "桥边有枫树"},
}

// words makes the library of words to name with of the county of the demo.
func (d *demo) words() error {
	const library = "yubei-source"
	clerk, now := d.actor["yb-clerk"], time.Now()
	err := d.s.gaz.AddLibrary(d.ctx, clerk, now, gazetteer.Library{ID: library, Title: "渝北区采词库（示例）", Kind: gazetteer.SourceWords})
	if err != nil && !fault.Is(err, "library-there") {
		return err
	}
	_, err = d.s.gaz.ChangeWords(d.ctx, clerk, now, library, 0, gazetteer.WordChange{Add: demoWords, Day: beijing.Day(now)})
	return err
}
