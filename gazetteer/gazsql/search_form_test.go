package gazsql_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

// forms are the search forms and grams as PostgreSQL writes them, but for the day they were made on.
func forms(t *testing.T, db *pgtest.DB) (text string) {
	t.Helper()
	err := db.Super.QueryRow(context.Background(), `
		select coalesce((select string_agg((to_jsonb(f) - 'made_on')::text, e'\n' order by name_id) from name_form f), '') || e'\n' ||
		       coalesce((select string_agg(g::text, e'\n' order by name_id, gram) from name_gram g), '') || (select count(*) from name_form_due)`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// whole checks that every name in use has the form it would have if all were made anew, and nothing else has one.
func whole(t *testing.T, db *pgtest.DB) {
	t.Helper()
	ctx := context.Background()
	before := forms(t, db)
	if _, err := db.Super.Exec(ctx, `delete from name_form; insert into name_form_due select id from place`); err != nil {
		t.Fatal(err)
	}
	if err := gazsql.New(db.Pool).FormNames(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(forms(t, db), "\n"), strings.Split(before, "\n")); diff != "" {
		t.Errorf("forms are not as made anew (-anew +there):\n%s", diff)
	}
}

// TestFormsFollowTheNames: whoever writes a name leaves its form, in the same transaction.
func TestFormsFollowTheNames(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	whole(t, o.db)
	id := o.inlet(t, "蛟窟湾")
	whole(t, o.db)
	mustImport(t, o.store, "code,name,validFrom\n500233100,新龙兴镇,2020-01-01\n500233,忠州县,2021-01-01\n")
	whole(t, o.db)
	for q, want := range map[string]string{"龙兴镇": "former 新龙兴镇 忠州县", "新龙兴": "standard 新龙兴镇 忠州县", "忠縣": "former 忠州县 重庆市", "蛟窟": "standard 蛟窟湾 新龙兴镇"} {
		list, err := o.store.Suggest(ctx, gazetteer.Search{Text: q, Limit: 1})
		if err != nil || len(list) != 1 || fmt.Sprint(list[0].NameKind, " ", list[0].Name, " ", list[0].DivisionName) != want {
			t.Errorf("%s: %v %+v, wanted %s", q, err, list, want)
		}
	}
	if list, err := o.store.Suggest(ctx, gazetteer.Search{Text: "忠县", Limit: 1, Current: true}); err != nil || len(list) != 0 {
		t.Errorf("former names were left out: %v %+v", err, list)
	}
	for version, grade := range []gazetteer.Grade{gazetteer.Secret, gazetteer.Internal, gazetteer.Public} {
		if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, version+1, secretly(grade)); err != nil {
			t.Fatal(err)
		}
		list, err := o.store.Suggest(ctx, gazetteer.Search{Text: "蛟窟", Limit: 1})
		if err != nil || (len(list) == 1) != (grade == gazetteer.Public) || strings.Contains(forms(t, o.db), "蛟") != (grade == gazetteer.Public) {
			t.Errorf("%s: %v %+v", grade, err, list)
		}
	}
	whole(t, o.db)
}

// TestFormsFollowTheDay: a division that was renamed beforehand is found under its new name when the day has come.
func TestFormsFollowTheDay(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	soon := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	mustImport(t, o.store, "code,name,validFrom\n500233100,新龙兴镇,"+soon+"\n")
	lies := func() string {
		list, err := o.store.Suggest(ctx, gazetteer.Search{Text: "新华", Limit: 1})
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %+v", err, list)
		}
		return list[0].DivisionName
	}
	for _, days := range []int{0, 3} { // what passes is made earlier, without a word to anybody
		_, err := o.db.Super.Exec(ctx, fmt.Sprintf(`
			set session_replication_role = replica;
			update division_version set valid = daterange(lower(valid) - %[1]d, upper(valid) - %[1]d);
			update name_form set made_on = made_on - %[1]d, valid = daterange(lower(valid) - %[1]d, upper(valid) - %[1]d);
			update place_name set valid = daterange(lower(valid) - %[1]d, upper(valid) - %[1]d);
			set session_replication_role = origin`, days))
		if err != nil {
			t.Fatal(err)
		}
		if lies() != "龙兴镇" {
			t.Errorf("%d days on, before anybody looked, 新华村 lies in %s", days, lies())
		}
		if err := o.store.FormNamesOfToday(ctx); err != nil {
			t.Fatal(err)
		}
		if want := map[int]string{0: "龙兴镇", 3: "新龙兴镇"}[days]; lies() != want {
			t.Errorf("%d days on, 新华村 lies in %s, wanted %s", days, lies(), want)
		}
	}
	whole(t, o.db)
	before := forms(t, o.db)
	if err := o.store.FormNamesOfToday(ctx); err != nil || forms(t, o.db) != before {
		t.Errorf("a second look changed something: %v", err)
	}
}

// TestFormsAreMadeForWhatIsThere: in steps, it can be stopped, and a second time does no harm.
func TestFormsAreMadeForWhatIsThere(t *testing.T) {
	o := newOffice(t)
	ctx, stop := context.WithCancel(context.Background())
	before := forms(t, o.db)
	if _, err := o.db.Super.Exec(ctx, `delete from name_form; insert into name_form_due select id from place, generate_series(1, 2)`); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := o.store.FormNames(ctx, nil); err == nil {
		t.Error("it did not stop")
	}
	var steps []string
	for range 2 {
		err := o.store.FormNames(context.Background(), func(done, total int) { steps = append(steps, fmt.Sprint(done, "/", total)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if after := forms(t, o.db); after != before || len(steps) != 1 || steps[0] != "16/16" {
		t.Errorf("steps %v, forms\n%s\nwanted\n%s", steps, after, before)
	}
}

// naiveForm is a form and what the filters ask of it.
type naiveForm struct {
	gazetteer.SearchForm
	ID, Place uuid.UUID
	Kind      string
	Code      string
	Path      []uuid.UUID
}

// naiveForms reads everything once.
func naiveForms(t *testing.T, db *pgtest.DB) []naiveForm {
	t.Helper()
	rows, err := db.Super.Query(context.Background(), `
		select f.name_id, f.place_id, f.text, f.pinyin, f.initials, f.rank, f.kind, f.path, coalesce(c.code, '')
		from name_form f left join division_code c on c.division_id = f.division and c.system <> 'stat12' or c.division_id = f.division and f.level = 'village'
		where f.valid @> today()`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f naiveForm, err error) {
		err = row.Scan(&f.ID, &f.Place, &f.Text, &f.Pinyin, &f.Initials, &f.Rank, &f.Kind, &f.Path, &f.Code)
		return f, err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b naiveForm) int {
		if a.Rank != b.Rank {
			return b.Rank - a.Rank
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return all
}

// naively answers a search by looking at every name.
func naively(all []naiveForm, in gazetteer.Search) (found []string) {
	seen := map[uuid.UUID]bool{}
	least, most := gazetteer.RankSpan(in.Category, in.Level)
	for _, step := range gazetteer.Route(in.Text) {
		for _, f := range all {
			if len(found) == in.Limit {
				return found
			}
			switch {
			case seen[f.Place], step.Rung == gazetteer.ByCode && f.Code != step.Key, step.Rung != gazetteer.ByCode && !step.Finds(f.SearchForm),
				f.Rank < least || f.Rank > most, in.Current && f.Kind == "former", in.Division != uuid.Nil && !slices.Contains(f.Path, in.Division):
				continue
			}
			seen[f.Place] = true
			found = append(found, fmt.Sprint(step.Rung, " ", f.Place, " ", f.Text))
		}
	}
	return found
}

// TestSearchIsItsNaiveTwin holds what the indexes of the database and the names in memory find against a look at every name:
// the same places in the same order.
func TestSearchIsItsNaiveTwin(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	r := rand.New(rand.NewPCG(20261128, 1))
	letters := []rune("新华龙𬒔村湾a5")
	word := func() string {
		w := make([]rune, 1+r.IntN(5))
		for i := range w {
			w[i] = letters[r.IntN(len(letters))]
		}
		return string(w)
	}
	var places, divisions strings.Builder
	places.WriteString("name,category,divisionCode\n")
	for range 400 {
		fmt.Fprintf(&places, "%s,%s,%s\n", word(), gazetteer.Categories[r.IntN(len(gazetteer.Categories))], []string{"500233100", "500230100", "500230"}[r.IntN(3)])
	}
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "places.csv", places.String()))}); err != nil {
		t.Fatal(err)
	}
	divisions.WriteString("code,name,validFrom\n500233100,新华镇,2020-01-01\n500230,新龙县,2021-01-01\n500233100201,龙华村委会,2021-01-01\n")
	mustImport(t, o.store, divisions.String())
	all := naiveForms(t, o.db)
	var within []uuid.UUID
	for _, code := range []string{"500000", "500230", "500233100"} {
		id, err := o.store.DivisionByCode(ctx, code)
		if err != nil {
			t.Fatal(err)
		}
		within = append(within, id)
	}
	inMemory := following(t, o.db)
	queries := []string{"500233", "500230100201", "50", "新hua", "华long", "xinhua", "xhz", "x", "xi", "xin", "xinhualong", "l", "lh", "村", "zhong", "忠县"}
	found := map[gazetteer.Rung]int{}
	for i := range 600 {
		in := gazetteer.Search{Text: word(), Limit: 1 + r.IntN(12), Current: r.IntN(4) == 0}
		if i%2 == 0 {
			in.Text = queries[r.IntN(len(queries))]
		}
		if r.IntN(3) == 0 {
			in.Division = within[r.IntN(len(within))]
		}
		if r.IntN(3) == 0 {
			in.Category = gazetteer.Categories[r.IntN(len(gazetteer.Categories))]
		}
		if r.IntN(5) == 0 {
			in.Level = gazetteer.Levels[r.IntN(len(gazetteer.Levels))]
		}
		list, err := o.store.Suggest(ctx, in)
		if err != nil {
			t.Fatalf("%+v: %v", in, err)
		}
		var got []string
		for _, h := range list {
			got = append(got, fmt.Sprint(h.Rung, " ", h.ID, " ", gazetteer.Fold(h.Matched)))
			found[h.Rung]++
		}
		if diff := cmp.Diff(naively(all, in), got); diff != "" {
			t.Fatalf("%+v: (-naive +got)\n%s", in, diff)
		}
		replica, err := inMemory.Suggest(ctx, in)
		if diff := cmp.Diff(list, replica); err != nil || diff != "" {
			t.Fatalf("%+v: %v (-database +memory)\n%s", in, err, diff)
		}
	}
	for _, rung := range gazetteer.Rungs {
		if found[rung] == 0 {
			t.Errorf("nothing was found by %s", rung)
		}
	}
}

// TestNoSearchScansALargeTable climbs every shape of query as the application, with plans made for the query and plans made
// for any: no large table is read from one end to the other, and no index is either.
func TestNoSearchScansALargeTable(t *testing.T) {
	s := chongqing(t)
	ctx := context.Background()
	var names int
	county, err := s.DivisionByCode(ctx, "500112")
	if err != nil {
		t.Fatal(err)
	}
	province, err := s.DivisionByCode(ctx, "500000")
	if err != nil {
		t.Fatal(err)
	}
	pool := s.Conn()
	if err := pool.QueryRow(ctx, `select count(*) from name_form`).Scan(&names); err != nil || names < 12_000 {
		t.Fatal(names, err)
	}
	shapes := []gazetteer.Search{{}, {Division: county}, {Division: province}, {Category: gazetteer.VillageCommittee}, {Level: gazetteer.Township}, {Current: true}}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for _, q := range []string{"村", "新华", "新华村", "大石坝街", "y", "yu", "yub", "yube", "yubei", "ybq", "ybqd", "渝bei", "500112", "没有", "没有这样"} {
			for _, in := range shapes {
				in.Text, in.Limit = q, 10
				err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
					if _, err := tx.Exec(ctx, `select set_config('plan_cache_mode', $1, true)`, mode); err != nil {
						return err
					}
					before, err := readSoFar(ctx, tx)
					if err != nil {
						return err
					}
					if _, err := gazsql.New(tx).Search(ctx, in); err != nil {
						return err
					}
					after, err := readSoFar(ctx, tx)
					for table, n := range after {
						if n.Scans -= before[table].Scans; n.Scans > 0 {
							t.Errorf("%s: %+v: %s was read from end to end", mode, in, table)
						}
						if n.Fetched -= before[table].Fetched; n.Fetched > names/4 {
							t.Errorf("%s: %+v: %d rows of %s were read", mode, in, n.Fetched, table)
						}
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// tableReads counts what was read of a table: whole scans, and rows by index.
type tableReads struct {
	Table          string
	Scans, Fetched int
}

// readSoFar counts the reads of the large tables on this connection.
func readSoFar(ctx context.Context, tx pgx.Tx) (map[string]tableReads, error) {
	rows, err := tx.Query(ctx, `
		select relname::text as table, seq_scan as scans, coalesce(idx_tup_fetch, 0) as fetched from pg_stat_xact_user_tables
		where relname in ('name_form', 'name_gram', 'place', 'place_name', 'division', 'division_version', 'division_shape', 'division_code')`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[tableReads])
	reads := map[string]tableReads{}
	for _, r := range all {
		reads[r.Table] = r
	}
	return reads, err
}
