package api_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// merge ends 江北区 and 渝北区 on the day and sets 两江新区 up in their place, as the import of a change of divisions does.
func (s *site) merge(t *testing.T, day string) {
	t.Helper()
	_, err := s.db.Super.Exec(context.Background(), `
		with made as (insert into division (id) values ($1)),
		     paper as (select v.document_id, v.parent_id from division_version v join division_code c using (division_id) where c.code = '500105'),
		     named as (insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
		               select gen_random_uuid(), $1, '两江新区', 'county', 'district', parent_id, daterange($2::text::date, null), document_id, now() from paper),
		     coded as (insert into division_code (division_id, system, code, valid, document_id)
		               select $1, 'gbt2260', '500157', daterange($2::text::date, null), document_id from paper),
		     ended as (update division_version set valid = daterange(lower(valid), $2::text::date)
		               where division_id in (select division_id from division_code where code in ('500105', '500112')) returning division_id)
		insert into division_link (predecessor_id, successor_id, kind, on_day, document_id)
		select e.division_id, $1, 'merge', $2::text::date, p.document_id from ended e, paper p`, uuid.New(), day)
	must(t, err)
}

func TestOfficesSucceedByTheirAdministrator(t *testing.T) {
	p := newPosts(t)
	const path = "/api/offices/successions"
	city := p.as(t, "city-admin")
	paper := object{"title": "国务院关于同意重庆市调整部分行政区划的批复", "number": "演示〔2026〕1号", "issuedBy": "国务院", "issuedOn": "2026-10-20"}
	succession := object{"on": "2026-11-01", "document": paper}
	wantCode(t, city.code(t, 404, "POST", path, succession, nil), "nothing-succeeded")
	p.merge(t, "2026-11-01")
	wantCode(t, p.as(t, "yb-leader").code(t, 403, "POST", path, succession, nil), "not-yours")
	wantCode(t, p.as(t, "yb-admin").code(t, 403, "POST", path, succession, nil), "not-yours")
	wantCode(t, city.code(t, 400, "POST", path, object{"document": paper}, nil), "bad-day")
	wantCode(t, city.code(t, 400, "POST", path, object{"on": "2026-11-01", "document": object{"title": " ", "number": "1"}}, nil), "document-missing")

	done := city.want(t, 200, "POST", path, succession, key("succession"))
	if got := names(done.list("founded"), "name"); !slices.Equal(got, []string{"两江新区住建委", "两江新区民政局"}) {
		t.Errorf("founded %v", got)
	}
	if got := names(done.list("closed"), "name"); !slices.Equal(got, []string{"江北区民政局", "渝北区住建委", "渝北区民政局"}) {
		t.Errorf("closed %v", got)
	}
	if len(done.list("places")) != 3 || len(done.list("undecided")) != 0 || len(done.list("ended")) != 0 {
		t.Errorf("got %v", done)
	}
	if who := p.as(t, "jb-leader").want(t, 200, "GET", "/api/session", nil, nil); who.object("office").text("name") != "两江新区民政局" {
		t.Errorf("who led for 江北区 is now of %v", who["office"])
	}
	if again := city.want(t, 200, "POST", path, succession, nil); len(again.list("closed")) != 0 || again["founded"] == nil {
		t.Errorf("again: %v", again)
	}
}
