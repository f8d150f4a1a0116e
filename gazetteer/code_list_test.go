package gazetteer_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"fangyu/gazetteer"
	"fangyu/internal/shareddata"
)

// codeLists reads the lists of 民政部 from 1980 to 2019.
func codeLists(t *testing.T) []gazetteer.CodeList {
	t.Helper()
	z, err := zip.OpenReader(shareddata.Path(t, "codes/gb2260_mca_1980_2019.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var lists []gazetteer.CodeList
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".tsv") || path.Base(f.Name) == "sources.tsv" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list, err := gazetteer.ReadCodeList(bytes.NewReader(b), path.Base(f.Name))
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	slices.SortFunc(lists, func(a, b gazetteer.CodeList) int { return a.Day.Compare(b.Day) })
	return lists
}

// TestTheCodeListsOfFortyYears holds what is told from the lists against the lists: on the day of each, every code has the
// name that stands there, and nothing else has one.
func TestTheCodeListsOfFortyYears(t *testing.T) {
	lists := codeLists(t)
	days, err := gazetteer.KnownDays()
	if err != nil {
		t.Fatal(err)
	}
	h := gazetteer.ReadCodeLists(lists, days)
	wantCounts(t, h)
	passed := 0 // names that a list still had when they had ended, by what is known of the days
	for _, list := range lists {
		told := map[gazetteer.DivisionCode]string{}
		for _, d := range h.Divisions {
			for _, s := range d.Spells {
				if list.Day.Before(s.From) || !s.To.IsZero() && !list.Day.Before(s.To) {
					continue
				}
				if told[s.Code] != "" {
					t.Fatalf("%v: %s is %s and %s", list.Day, s.Code, told[s.Code], s.Name)
				}
				told[s.Code] = s.Name
			}
		}
		names := map[gazetteer.DivisionCode][]string{}
		for _, row := range list.Rows {
			names[row.Code] = append(names[row.Code], row.Name)
		}
		for code, listed := range names {
			if !slices.Contains(listed, told[code]) {
				passed++
			}
			delete(told, code)
		}
		if len(told) > 3 {
			t.Errorf("%v: told and not listed: %v", list.Day, told)
		}
	}
	// 潼南县 and 荣昌县 on 2015-04-30 and 05-31, 开县 on 2016-06-30, 梁平县 and 武隆县 on 2016-11-30.
	if passed != 7 {
		t.Errorf("%d names are not as listed, wanted 7", passed)
	}
	checkListed(t, h)
}

// checkListed checks that the spells of each division follow each other, that all hang on what stands, and that every
// division that began or ended after the first list stands in an event.
func checkListed(t *testing.T, h gazetteer.CodeHistory) {
	t.Helper()
	named := map[int]bool{}
	for _, e := range h.Events {
		for _, l := range e.Links {
			named[l.From], named[l.To] = true, true
		}
		for _, of := range e.Of {
			named[of] = true
		}
		if !e.After.IsZero() && !e.After.Before(e.On) {
			t.Errorf("%+v ends before it begins", e)
		}
	}
	first := time.Date(1980, 12, 31, 0, 0, 0, 0, time.UTC)
	for i, d := range h.Divisions {
		last := d.Spells[len(d.Spells)-1]
		if !named[i] && (d.Spells[0].From.After(first) || !last.To.IsZero()) {
			t.Errorf("no event tells of %v", d.Spells)
		}
		for j, s := range d.Spells {
			if j > 0 && !s.From.Equal(d.Spells[j-1].To) || !s.To.IsZero() && !s.From.Before(s.To) {
				t.Errorf("%v do not follow each other", d.Spells)
			}
			if s.Level != gazetteer.Province && s.Parent < 0 {
				t.Errorf("%v hangs on nothing", s)
			}
		}
	}
}

func wantCounts(t *testing.T, h gazetteer.CodeHistory) {
	t.Helper()
	kinds := map[gazetteer.EventKind]int{}
	for _, e := range h.Events {
		kinds[e.Kind]++
	}
	t.Logf("%d divisions, events %v, %d findings", len(h.Divisions), kinds, len(h.Findings))
	for _, f := range h.Findings {
		if f.Code == "dated-unmatched" {
			t.Error(f)
		}
	}
}
