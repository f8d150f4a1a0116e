package main

import "testing"

// TestDivisionListsOfTheCountry: every row of the package is in the list of its province once, below one that is there.
func TestDivisionListsOfTheCountry(t *testing.T) {
	lists, err := readDivisionLists(demoPackages(t))
	if err != nil {
		t.Fatal(err)
	}
	rows, names := map[string]int{}, 0
	for _, list := range lists {
		known := map[string]bool{"": true}
		for _, row := range list[1:] {
			code, level, parent := row[0], row[2], row[3]
			if known[code] || !known[parent] {
				t.Fatalf("%s: %v is there twice or hangs in the air", list.name(), row)
			}
			known[code] = true
			rows[level]++
			names++
		}
	}
	// wc -l of the five files without their headings; three prefectures are in the package once more as counties.
	want := map[string]int{"province": 31, "prefecture": 342, "county": 2978 - 3, "township": 41352, "village": 620573}
	for level, n := range want {
		if rows[level] != n {
			t.Errorf("%d of level %s, wanted %d", rows[level], level, n)
		}
	}
	if len(lists) != 31 || names != 665273 {
		t.Errorf("%d lists, %d names", len(lists), names)
	}
	if only, err := readDivisionLists(demoPackages(t), chongqing); err != nil || len(only) != 1 || only[0].name() != "重庆市" {
		t.Errorf("%v, %d lists", err, len(only))
	}
}
