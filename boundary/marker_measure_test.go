package boundary_test

import (
	"fmt"
	"testing"
	"time"

	"fangyu/boundary"
	"fangyu/gazetteer"
)

func TestARuleOfMeasuresIsCheckedWhole(t *testing.T) {
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	good := boundary.MeasureRule{Measure: "righting", Level: "county", CountsAs: "upkeep", ValidFrom: day, Document: gazetteer.Document{Title: "办法", Number: "1号"}}
	for want, c := range map[string]struct {
		newest string
		change func(*boundary.MeasureRule)
	}{
		"[]":                 {"2026-11-30", func(*boundary.MeasureRule) {}},
		"[/validFrom]":       {"2026-12-01", func(*boundary.MeasureRule) {}},
		"[/measure]":         {"", func(r *boundary.MeasureRule) { r.Measure = "re-erect" }},
		"[/level /countsAs]": {"", func(r *boundary.MeasureRule) { r.Level, r.CountsAs = "village", "both" }},
		"[/document/title /validFrom]": {"", func(r *boundary.MeasureRule) {
			r.Document.Number, r.ValidFrom = "", time.Time{}
		}},
	} {
		r := good
		c.change(&r)
		pointers := []string{}
		for _, f := range r.Check(c.newest) {
			pointers = append(pointers, f.Pointer)
		}
		if fmt.Sprint(pointers) != want {
			t.Errorf("got %v, wanted %s", pointers, want)
		}
	}
}
