package gazsql_test

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// readLists are the lists as far as they are about 四川省 and 重庆市: the whole country is read in package gazetteer.
func readLists(t *testing.T) gazsql.CodeLists {
	t.Helper()
	in, err := gazsql.OpenCodeLists(pgtest.SharedData(t, "codes/gb2260_mca_1980_2019.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for i, list := range in.Lists {
		in.Lists[i].Rows = slices.DeleteFunc(list.Rows, func(r gazetteer.CodeRow) bool { return r.Code[:2] != "50" && r.Code[:2] != "51" })
	}
	return in
}

// count counts rows as nobody in particular.
func count(t *testing.T, db *pgtest.DB, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.Super.QueryRow(context.Background(), `select count(*)::int from `+sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFortyYearsOfCodeLists imports the lists of 1980 to 2019 over a municipality that is there without days, and again.
func TestFortyYearsOfCodeLists(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	s := gazsql.New(db.Pool)
	mustImport(t, s, "code,name\n500000,重庆市\n500110,綦江区\n500101,万州区\n500105,江北区\n500109,北碚区\n500234,开县\n500110001,古南街道\n")
	in := readLists(t)
	all := in.Lists
	in.Lists, in.DryRun = in.Lists[:2], true
	if report, err := s.ImportCodeLists(ctx, importer, today, in); err != nil || report.Committed || count(t, db, `division_event where basis = 'lists'`) != 0 {
		t.Fatalf("dry run: %v, committed %v", err, report.Committed)
	}
	in.Lists, in.DryRun = all, false
	report, err := s.ImportCodeLists(ctx, importer, today, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d created, %d there, %v", report.Created, report.Unchanged, report.Counts)
	if report.Created != 355 || report.Unchanged != 7 {
		t.Errorf("created %d, met %d; wanted 355 and the 7 that were there", report.Created, report.Unchanged)
	}
	for _, f := range report.Findings {
		if f.Code == "known-differs" {
			t.Error(f)
		}
	}
	there := divisions(t, s)
	for _, v := range []string{
		"500110 万盛区 500000 1997-03-14..2011-10-22", "500110 綦江区 500000 2011-10-22..", "500222 綦江县 500000 1997-03-14..2011-10-22",
		"500101 万县区 500000 1997-12-20..1998-05-22", "500101 万州区 500000 1998-05-22..", "500234 开县 500000 1997-03-14..2016-06-08",
		"500105 江北区 500000 1997-03-14..", "510211 江北区 510200 1980-12-31..1997-03-14", "510000 四川省  1980-12-31..",
	} {
		if !there[v] {
			t.Errorf("%s is not there", v)
		}
	}
	if n := count(t, db, `division_version v join division_code c using (division_id) where c.code in ('500105', '510211') and v.valid && c.valid`); n != 2 {
		t.Errorf("江北区 has %d versions by its codes, wanted 2: it is one division under two codes", n)
	}
	if n := count(t, db, `(select from division_version a join division_version b on a.parent_id = b.division_id where not exists (
			select from division_version p where p.division_id = a.parent_id and p.valid @> lower(a.valid)) and lower(a.valid) >= '1980-12-31') x`); n != 0 {
		t.Errorf("%d versions begin below what does not stand", n)
	}
	againstOtherLists(t, db)
	versions := count(t, db, `division_version`)
	again, err := s.ImportCodeLists(ctx, importer, today, in)
	if err != nil || again.Created != 0 || again.Counts["versions"]+again.Counts["codes"]+again.Counts["names"]+again.Counts["events"] != 0 || count(t, db, `division_version`) != versions {
		t.Errorf("a second time: %v, created %d, %v", err, again.Created, again.Counts)
	}
}

// againstOtherLists holds what is told of 重庆市 against two lists of another maker: the codes of 2026, which differ by the change
// of November 2025 alone, and every code that was ever in use with its last name. There the four cities have their codes of
// prefecture 5003, where the lists of the ministry print 5001; 市辖区 and a second 重庆市 are no divisions; and a code that passed
// to another name stands with the last one only.
func againstOtherLists(t *testing.T, db *pgtest.DB) {
	t.Helper()
	differing := func(file, day string) (out []string) {
		b, err := os.ReadFile(pgtest.SharedData(t, file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Super.Query(context.Background(), `
			with listed as (select key as code, value as name from json_each_text($1::json) where key like '50%'),
			told as (
			    select distinct c.code, v.name from division_code c join division_version v using (division_id)
			    where c.system = 'gbt2260' and c.code like '50%' and v.valid && c.valid and ($2 = '' or c.valid @> nullif($2, '')::date and v.valid @> nullif($2, '')::date))
			select '-' || code || ' ' || name from (select * from listed except select * from told) l
			union all select '+' || code || ' ' || name from (select * from told except select * from listed) t order by 1`, string(b), day)
		if err != nil {
			t.Fatal(err)
		}
		if out, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := differing("codes/mumuy_list_2026.json", "2025-11-05"); !slices.Equal(got, []string{"+500105 江北区", "+500112 渝北区", "-500157 两江新区"}) {
		t.Errorf("before the change of 2025 the list of 2026 differs by %q", got)
	}
	want := []string{
		"+500101 万县区", "+500110 万盛区", "+500111 双桥区", "+500181 江津市", "+500182 合川市", "+500183 永川市", "+500184 南川市",
		"-500100 市辖区", "-500157 两江新区", "-500300 重庆市", "-500381 江津市", "-500382 合川市", "-500383 永川市", "-500384 南川市",
	}
	if got := differing("codes/mumuy_history_codes.json", ""); !slices.Equal(got, want) {
		t.Errorf("the codes ever in use differ by %q", got)
	}
}

// TestWhatContradictsTheListsStays keeps a record with days of its own.
func TestWhatContradictsTheListsStays(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	s := gazsql.New(db.Pool)
	mustImport(t, s, "code,name,validFrom\n500000,重庆市,\n500114,黔江新区,2001-01-01\n500115,长寿区,2010-01-01\n")
	in := readLists(t)
	in.Lists = slices.DeleteFunc(in.Lists, func(l gazetteer.CodeList) bool { return l.Day.Year() < 1999 || l.Day.Year() > 2001 })
	report, err := s.ImportCodeLists(ctx, importer, today, in)
	if err != nil {
		t.Fatal(err)
	}
	differing := 0
	for _, f := range report.Findings {
		if f.Code == "known-differs" {
			differing++
		}
	}
	if differing != 1 {
		t.Errorf("%d findings, wanted one about 黔江新区", differing)
	}
	all := divisions(t, s)
	for _, v := range []string{
		"500114 黔江新区 500000 2001-01-01..", "500239 黔江土家族苗族自治县 500000 1999-12-31..2000-06-25",
		"500115 长寿区 500000 2001-12-25..2010-01-01", "500115 长寿区 500000 2010-01-01..", // what was before its record is added
	} {
		if !all[v] {
			t.Errorf("%s is not there", v)
		}
	}
}

func TestListsThatCannotBeReadAreRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ inside, text, code string }{
		"none.zip":    {"readme.txt", "x", "no-lists"},
		"columns.zip": {"mca/201112.tsv", "a\tb\n", "bad-list"},
		"digits.zip":  {"mca/201112.tsv", "Code\tName\n5001\t重庆市\n", "bad-list"},
		"month.zip":   {"mca/2011.tsv", "Code\tName\n", "bad-list"},
		"no.zip":      {"", "no zip at all", "bad-zip"},
	} {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.inside == "" {
			_, err = f.WriteString(c.text)
		} else {
			z := zip.NewWriter(f)
			w, createErr := z.Create(c.inside)
			if createErr != nil {
				t.Fatal(createErr)
			}
			_, _ = w.Write([]byte(c.text))
			err = z.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		in, err := gazsql.OpenCodeLists(path)
		if err == nil {
			_, err = gazsql.New(nil).ImportCodeLists(context.Background(), importer, today, in)
		}
		if !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %s", name, err, c.code)
		}
	}
	if _, err := gazsql.OpenCodeLists(filepath.Join(dir, "missing.zip")); !fault.Is(err, "file-unreadable") {
		t.Errorf("got %v", err)
	}
}
