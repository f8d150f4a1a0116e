package gazsql_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// twinPack has a rule of every kind that looks at names in use, on top of those of 重庆市.
const twinPack = `
id: twin-test
title: 全部种类的规则
validFrom: "2026-01-01"
comparison: true
includes: [chongqing-2022]
libraries:
  - {id: twin-words, title: 限用词, words: [{text: 国际}, {text: 罗马, class: foreign}, {text: 华}]}
rules:
  - {id: T-prefix, kind: repeat, title: 只差新、大的视为重名, clause: 一, strength: shall, severity: block, confirmed: true, categories: [street, village-committee], params: {scope: county, prefixes: [新, 大, "@above"]}}
  - {id: T-specific, kind: repeat, title: 专名不重复, clause: 二, strength: should, severity: review, confirmed: true, categories: [street, residential-building], params: {scope: province, part: specific, against: [street, residential-building]}}
  - {id: T-dialect, kind: sound, title: 方言同音, clause: 三, strength: should, severity: warning, confirmed: true, categories: [street, village-committee], params: {scope: county, sound: dialect, folds: [[n, l], [zh, z], [ch, c], [sh, s], [-eng, -en], [-ing, -in]]}}
  - {id: T-glyph, kind: glyph, title: 字形相近, clause: 四, strength: should, severity: warning, confirmed: true, params: {scope: county, alike: [末未, 天夫, 土士, 大太, 千干]}}
  - {id: T-words, kind: word, title: 限用词, clause: 五, strength: shall, severity: block, confirmed: true, params: {library: twin-words}}
  - {id: T-district, kind: district, title: 不用不在其境的区划名称, clause: 六, strength: shall, severity: block, confirmed: true}
  - {id: T-water, kind: nature, title: 无水不称湖, clause: 七, strength: shall, severity: review, confirmed: true, params: {words: [湖, 江, 溪, 河], near: [江, 湖, 河, 溪], withinM: 3000}}
  - {id: T-protected, kind: protected, title: 受保护的名称, clause: 八, strength: should, severity: review, confirmed: true, cases: [existing]}
  - {id: T-length, kind: parts, title: 字数, clause: 九, strength: should, severity: review, confirmed: true, params: {most: 8, specificLeast: 2, specificMost: 4}}
  - {id: T-stacked, kind: generic, title: 通名不重叠, clause: 十, strength: should, severity: review, confirmed: true, params: {stacked: true}}
  - {id: T-number, kind: number, title: 不用数字, clause: 十一, strength: shall, severity: block, confirmed: true, categories: [street]}
`

// judgedMunicipality is the real list of the municipality with all packs, and with streets, estates, stations and rivers made of its names,
// for tests that only read.
func judgedMunicipality(t testing.TB) *gazsql.Store {
	t.Helper()
	files := map[string]string{counties: pgtest.SharedData(t, counties), units: pgtest.SharedData(t, units)}
	db := pgtest.Shared(t, "gazsql: judged municipality", func(ctx context.Context, db *pgtest.DB) error {
		s := gazsql.New(db.Pool)
		if err := s.SeedPacks(ctx, today); err != nil {
			return err
		}
		pack, err := gazetteer.ParsePack([]byte(twinPack))
		if err != nil {
			return err
		}
		if err := s.SeedPack(ctx, today, pack); err != nil {
			return err
		}
		if err := importMunicipality(ctx, s, files); err != nil {
			return err
		}
		return besideVillages(ctx, s, db)
	})
	return gazsql.New(db.Pool)
}

// besideVillages adds places of all kinds named after some of the villages, a river of some kilometres, names that places had once, a
// built-up area, a protected name, and a word that counts in the districts and not in the counties.
func besideVillages(ctx context.Context, s *gazsql.Store, db *pgtest.DB) error {
	rows, err := db.Pool.Query(ctx, `
		select n.specific, c.code, st_x(p.geom), st_y(p.geom)
		from place p join place_name n on n.place_id = p.id and n.kind = 'standard'
		join division_version v on v.division_id = p.division_id join division_version u on u.division_id = v.parent_id
		join division_code c on c.division_id = u.parent_id and c.system = 'gbt2260'
		where p.category = 'village-committee' and p.geom is not null and length(n.specific) between 2 and 3
		order by md5(n.name || c.code), p.id limit 120`)
	if err != nil {
		return err
	}
	var csv strings.Builder
	csv.WriteString("name,category,divisionCode,lon,lat\n")
	var specific, code string
	var lon, lat float64
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&specific, &code, &lon, &lat}, func() error {
		made := []string{
			specific + "路,street", specific + "街,street", "新" + specific + "路,street", specific + "大道,street", specific + "国际广场,residential-building",
			specific + "湖小区,residential-building", specific + "站,facility", "江北" + specific + "花园,residential-building", specific + "溪,natural", specific + "山,natural",
			"罗马" + specific + "站,facility", "天" + specific + "路,street", "南" + specific + "巷,street", "夫" + specific + "路,street",
			"兰" + specific + "巷,street", "第" + string([]rune("一二三四五六七八九十")[n%10]) + "路,street", specific + "丰都小区,residential-building",
		}
		for i, m := range made {
			if (i+n)%2 == 0 {
				fmt.Fprintf(&csv, "%s,%s,%.6f,%.6f\n", m, code, lon+float64(i)*0.001, lat+float64(n%3)*0.001)
			}
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "fangyu-*.csv")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(csv.String()); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	source, err := feature.Open(filepath.Clean(file.Name()))
	if err != nil {
		return err
	}
	if _, err := s.ImportPlaces(ctx, importer, today, gazsql.Import{Source: source, Frame: geo.CGCS2000, Twins: &gazetteer.TwinDecision{New: true}}); err != nil {
		return err
	}
	_, err = db.Super.Exec(ctx, `
		update place p set geom = st_makeline(p.geom::geometry, st_translate(p.geom, 0.03, 0.02)) from place_name n
		where n.place_id = p.id and p.category = 'natural' and n.generic = '溪' and p.geom is not null;
		insert into built_up_area (id, name, geom, valid, document_id)
		select gen_random_uuid(), '试验建成区', st_multi(st_buffer(st_collect(geom), 0.05)), daterange(null, null), (select id from document limit 1)
		from (select geom from place where category = 'street' order by id limit 60) s;
		insert into place_name (id, place_id, name, kind, specific, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
		select gen_random_uuid(), p.id, n.specific, 'former', n.specific, '', '', '', 'unverified', daterange(null, '2000-01-01'), n.document_id, now()
		from place p join place_name n on n.place_id = p.id where p.category = 'natural' and n.generic = '山';
		insert into document (id, kind, title, recorded_at) values ('00000000-0000-7000-8000-000000000001', 'other', '历史地名保护名录（第二批）', now());
		insert into name_event (id, place_id, kind, process, on_day, citation, document_id, recorded_at, recorded_by)
		select gen_random_uuid(), p.id, 'protection', '', '2024-01-01', '第二批', '00000000-0000-7000-8000-000000000001', now(), 'test'
		from place p where p.category = 'street' order by p.id limit 50`)
	if err != nil {
		return err
	}
	_, err = db.Super.Exec(ctx, `
		insert into library_word (id, library_id, text, region, valid, recorded_at) values (gen_random_uuid(), 'twin-words', '家', '5001', daterange('2026-01-01', null), now());
		analyze`)
	return err
}

// inUse is a name in use as it is on record.
type inUse struct {
	ID         uuid.UUID
	Name       string
	Category   gazetteer.Category
	DivisionID uuid.UUID
	Geom       *orb.Point
}

// TestAnAuditFindsWhatACheckFinds: of every name of a sample the audit says by rules what a check of that name alone says, of the same
// part, as heavily and against the same records at the same distances, and the groups of the family of names hold the repeats and
// homophones that the check finds.
func TestAnAuditFindsWhatACheckFinds(t *testing.T) {
	ctx, s := context.Background(), judgedMunicipality(t)
	rows, err := s.Conn().Query(ctx, `
		with standing as (
		    select p.id, n.name, p.category, p.division_id, case when st_dimension(p.geom) = 0 then p.geom else st_pointonsurface(p.geom) end as geom
		    from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and upper_inf(n.valid) order by md5(n.name || p.category), p.division_id)
		(select * from standing where category not in ('division', 'village-committee') limit 300)
		union all (select * from standing where category = 'village-committee' limit 150) union all (select * from standing where category = 'division' limit 50)`)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := pgx.CollectRows(rows, pgx.RowToStructByName[inUse])
	if err != nil {
		t.Fatal(err)
	}
	found, pack, err := s.CheckGazetteer(ctx, gazetteer.Actor{}, today, gazsql.GazetteerCheck{Pack: "twin-test"}, quietly)
	if err != nil || pack.ID != "twin-test" {
		t.Fatal(pack.ID, err)
	}
	byPlace, groups := map[string][]gazetteer.AuditFinding{}, map[string][]gazetteer.AuditFinding{}
	for _, f := range found {
		switch f.Family {
		case "rule", "character":
			byPlace[f.Evidence[0].ID] = append(byPlace[f.Evidence[0].ID], f)
		case "name":
			for _, e := range f.Evidence {
				groups[e.ID] = append(groups[e.ID], f)
			}
		}
	}
	kinds, differ := map[string]int{}, 0
	for _, p := range sample {
		v, err := s.CheckName(ctx, gazetteer.Actor{}, today, gazsql.NameCheck{
			Kind: "existing", Name: p.Name, Category: p.Category, Division: p.DivisionID.String(), Point: p.Geom, PlaceID: p.ID, Pack: "twin-test",
		})
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		alone, batch := []string{}, []string{}
		for _, f := range v.Findings {
			if told := alongGroups(f, groups[p.ID.String()]); told != "" {
				t.Errorf("%s: %s", p.Name, told)
			}
			if said := saidAlone(p.Name, f); said != "" {
				alone = append(alone, said)
			}
		}
		for _, f := range byPlace[p.ID.String()] {
			kinds[f.Code]++
			batch = append(batch, saidOf(f.Rule, f.Code, f.Part, f.Severity, f.Evidence[1:]))
		}
		slices.Sort(alone)
		slices.Sort(batch)
		if diff := cmp.Diff(alone, batch); diff != "" && differ < 5 {
			differ++
			t.Errorf("%s %s: alone and in the audit it is\n%s", p.Category, p.Name, diff)
		}
	}
	t.Logf("%d names: %v", len(sample), kinds)
	for _, code := range strings.Fields("duplicate-but-prefix same-specific homophone lookalike limited-word derived-name wrong-district no-such-feature protected-name " +
		"specific-length insufficient-data not-local bare-number generic-missing") {
		if kinds[code] == 0 {
			t.Errorf("no name of the sample has %s: %v", code, slices.Sorted(maps.Keys(kinds)))
		}
	}
}

// saidAlone is what a check says that is not for the groups of an audit, "" for what is.
func saidAlone(name string, f gazetteer.NameFinding) string {
	switch {
	case f.Code == "duplicate-name" || f.Code == "scope-approximated" || f.Code == "outside-division":
		return ""
	case f.Code == "signs" && len(gazetteer.Descriptions(name)) > 0:
		return ""
	case f.Code == "homophone":
		var dialect []fault.Evidence
		for i, e := range f.Evidence {
			if f.Alike[i].How == gazetteer.SoundDialect {
				dialect = append(dialect, e)
			}
		}
		if dialect == nil {
			return ""
		}
		f.Evidence = dialect
	}
	return saidOf(f.Rule, f.Code, f.Part, f.Severity, f.Evidence)
}

func saidOf(rule, code, part string, severity fault.Severity, evidence []fault.Evidence) string {
	var said strings.Builder
	fmt.Fprint(&said, rule, " ", code, " ", part, " ", severity)
	for _, e := range evidence {
		fmt.Fprint(&said, " | ", e.Kind, " ", e.ID, " ", e.Name, " ", e.Within)
		if e.DistanceM != nil {
			fmt.Fprintf(&said, " %.1f", *e.DistanceM)
		}
	}
	return said.String()
}

// alongGroups says what repeats and sounds alike in a check of one name and is in no group of the audit.
func alongGroups(f gazetteer.NameFinding, groups []gazetteer.AuditFinding) string {
	for i, e := range f.Evidence {
		if f.Code != "duplicate-name" && (f.Code != "homophone" || f.Alike[i].How == gazetteer.SoundDialect) {
			continue
		}
		if !slices.ContainsFunc(groups, func(g gazetteer.AuditFinding) bool {
			return strings.HasSuffix(g.Code, strings.TrimPrefix(f.Code, "near-")) && slices.ContainsFunc(g.Evidence, func(o fault.Evidence) bool { return o.ID == e.ID })
		}) {
			return fmt.Sprintf("%s %s with %s is in no group", f.Rule, f.Code, e.Name)
		}
	}
	return ""
}
