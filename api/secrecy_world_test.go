package api_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/api"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// planted is a record with a name and a position that nothing else has.
type planted struct {
	noun, id string
	grade    gazetteer.Grade
	names    []string // characters, spellings, initials: what a search would be asked
	at       orb.Point
}

// traces are the texts that would give the record away.
func (p *planted) traces() []string {
	lon, lat := fmt.Sprintf("%.6f", p.at[0]), fmt.Sprintf("%.6f", p.at[1])
	out := []string{p.id, lon[:len(lon)-1], lat[:len(lat)-1]}
	for _, name := range p.names {
		if len(name) > 3 { // initials are words that others have too
			out = append(out, name)
		}
	}
	return out
}

// safe is a world with planted records, a server whose log is kept, a neighbour, and what was served before.
type safe struct {
	*world
	t         *testing.T
	log       *keptLog
	records   []*planted
	city      visitor
	neighbour visitor
	audit     string   // of the city, made while all was public
	imports   []string // of the city and of the neighbour, judged while all was public
	proposal  string   // the neighbour's case, judged by a planted place
	key       map[string]string
	body      object
	tags      map[string]string
}

// keptLog is a log that can be read.
type keptLog struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *keptLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *keptLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

// plantedPlaces have rare characters, of which the last two are read alike.
var plantedPlaces = []string{"犇骉湾", "焱飝坪", "鱻淼沱", "厽垚坝"}

func newSafe(t *testing.T) *safe {
	t.Helper()
	s := &safe{t: t, log: &keptLog{}, tags: map[string]string{}}
	s.world = newWorld(t, func(c *api.Config) {
		c.Log = slog.New(slog.NewJSONHandler(s.log, nil))
		c.Reading = api.ReadingLimit{Tracks: 1_000_000, Rows: 1_000_000, Exports: 1_000_000} // everything is read, again and again, at one moment
	})
	s.plantPlaces()
	s.plantMarkers()
	s.accountIn(t, "neighbour", gazsql.Office{Name: "渝中区民政局", Kind: "civil-affairs"}, gazetteer.Applicant, gazetteer.Clerk, gazetteer.Approver, gazetteer.Auditor)
	s.city, s.neighbour = s.as(t, "city"), s.as(t, "neighbour")
	s.audit = s.audited(t, s.city)
	for _, who := range []visitor{s.city, s.neighbour} {
		s.imports = append(s.imports, s.imported(who))
	}
	s.key = key("before")
	s.body = object{"kind": "new", "name": "厽尧村", "category": "village-committee", "division": "500112100", "reason": "新建"}
	s.proposal = s.neighbour.want(t, 201, "POST", "/api/proposals", s.body, s.key).text("id")
	return s
}

// imported is an import whose fourth row looks like a planted place just beyond the border; of a neighbour's place it is told.
func (s *safe) imported(who visitor) string {
	t := s.t
	rows := "name,category,divisionCode,lon,lat\n"
	for i := range 3 {
		rows += fmt.Sprintf("双凤垭%d,natural-village,500103,106.55,29.55\n", i)
	}
	p := who.judged(t, who.handsIn(t, 201, "near.csv", rows+"焱飝坪,natural-village,500103,106.7182500,29.7171000\n"), object{"frame": "4490"})
	row := who.want(t, 200, "GET", "/api/imports/"+p.text("id")+"/rows?verdict=twin", nil, nil).list("items")
	if len(row) != 1 || row[0].list("twins")[0].text("why") != "near" {
		t.Fatalf("the import looks like nothing: %v", row)
	}
	return p.text("id")
}

func (s *safe) plantPlaces() {
	t := s.t
	var csv strings.Builder
	csv.WriteString("name,category,divisionCode,lon,lat\n")
	for i, name := range plantedPlaces {
		fmt.Fprintf(&csv, "%s,natural-village,500112100,106.7%d71937,29.7%d61943\n", name, i, i)
	}
	csv.WriteString("厽垚村,village-committee,500112100,106.7771937,29.7761943\n")
	_, err := s.gaz.ImportPlaces(t.Context(), importer, today, gazsql.Import{Source: source(t, "places.csv", csv.String()), Frame: geo.CGCS2000})
	must(t, err)
	for _, name := range append([]string{"厽垚村"}, plantedPlaces...) {
		var p planted
		var spelled, toneless string
		old := "古" + name
		must(t, s.db.Super.QueryRow(t.Context(), `
			with p as (select n.*, p.geom from place_name n join place p on p.id = n.place_id where n.name = $1),
			old as (insert into place_name (id, place_id, name, kind, specific, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
			        select gen_random_uuid(), place_id, $2, 'former', $2, 'Gǔ ' || romanization, 'gu3 ' || reading, 'gu ' || toneless, reading_status, valid, document_id, recorded_at from p)
			select place_id::text, romanization, toneless, st_force2d(geom) from p`, name, old).Scan(&p.id, &spelled, &toneless, &p.at))
		p.noun, p.grade = "place", gazetteer.Public
		initials := ""
		for _, syllable := range strings.Fields(toneless) {
			initials += syllable[:1]
		}
		p.names = []string{name, old, spelled, strings.ReplaceAll(toneless, " ", ""), initials}
		s.records = append(s.records, &p)
	}
}

func (s *safe) plantMarkers() {
	t := s.t
	var csv strings.Builder
	csv.WriteString("number,type,line,lon,lat,elevationM\n")
	for i := range 3 {
		at := geo.Direct(s.course.At(float64(3000*i+1000)), 0, 37)
		fmt.Fprintf(&csv, "秘桩%03d,two-face,江北区—渝北区线,%.7f,%.7f,417.3\n", 701+i, at[0], at[1])
	}
	_, err := s.bound.ImportMarkers(t.Context(), importer, today, gazsql.Import{Source: source(t, "secret.csv", csv.String()), Frame: geo.CGCS2000})
	must(t, err)
	must(t, s.bound.EachMarker(t.Context(), func(m boundsql.MarkerView) error {
		if strings.HasPrefix(m.Number, "秘桩") {
			s.records = append(s.records, &planted{noun: "marker", id: m.ID.String(), grade: gazetteer.Public, names: []string{m.Number}, at: orb.Point{m.Lon, m.Lat}})
		}
		return nil
	}))
}

// grade gives a record its grade, as the city.
func (s *safe) grade(p *planted, g gazetteer.Grade) {
	if p.grade == g {
		return
	}
	path := "/api/" + p.noun + "s/" + p.id
	s.city.want(s.t, 200, "POST", path+"/grade", object{
		"grade": g, "reason": "测试", "document": object{"title": "关于定密的通知", "number": "渝民密〔2026〕3号"},
	}, seen(s.city.want(s.t, 200, "GET", path, nil, nil)))
	p.grade = g
}
