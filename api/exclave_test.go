package api_test

import (
	"context"
	"testing"
)

// TestAnExclaveIsRecordedAndEndedOnce sends each twice with the same key, and looks at the fabric after each: its answer is kept only as
// long as the records are the same.
func TestAnExclaveIsRecordedAndEndedOnce(t *testing.T) {
	w := newWorld(t)
	var division string
	must(t, w.db.Super.QueryRow(context.Background(), `
		insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
		select gen_random_uuid(), c.division_id, st_geomfromtext('MULTIPOLYGON(((106 29, 107 29, 107 30, 106 30, 106 29)), ((108 29, 108.1 29, 108.1 29.1, 108 29.1, 108 29)))', 4490),
		       daterange('2020-01-01', null), c.document_id, '4490', now()
		from division_code c where c.code = '500112' returning division_id::text`).Scan(&division))
	city, north := w.as(t, "city"), w.as(t, "north")
	unrecorded := func() any {
		t.Helper()
		return city.want(t, 200, "GET", "/api/fabric", nil, nil).object("counts")["exclave-unrecorded"]
	}
	if n := unrecorded(); n != 1.0 {
		t.Fatalf("%v exclaves without a record", n)
	}
	record := object{"divisionId": division, "at": []float64{108.05, 29.05}, "document": object{"title": "关于飞地的批复", "number": "渝府〔1997〕1号"}, "validFrom": "1997-06-18"}
	first := city.want(t, 201, "POST", "/api/exclaves", record, key("record"))
	if again := city.want(t, 201, "POST", "/api/exclaves", record, key("record")); again.text("id") != first.text("id") {
		t.Errorf("recorded twice: %v, %v", first, again)
	}
	city.want(t, 422, "POST", "/api/exclaves", record, key("another"))
	if n := unrecorded(); n != nil {
		t.Errorf("%v exclaves without a record after it was recorded", n)
	}
	path := "/api/exclaves/" + first.text("id") + "/end"
	end := object{"endedOn": "2026-01-01", "document": object{"title": "关于飞地归并的批复"}}
	north.want(t, 403, "POST", path, end, nil)
	ended := city.want(t, 200, "POST", path, end, key("end"))
	if again := city.want(t, 200, "POST", path, end, key("end")); again.text("validTo") != "2026-01-01" || ended.text("validTo") != "2026-01-01" {
		t.Errorf("ended: %v, %v", ended, again)
	}
	city.want(t, 409, "POST", path, end, key("end again"))
	if n := unrecorded(); n != 1.0 {
		t.Errorf("%v exclaves without a record after it ended", n)
	}
	if listed := north.want(t, 200, "GET", "/api/exclaves?division="+division, nil, nil).list("items"); len(listed) != 1 {
		t.Errorf("listed: %v", listed)
	}
	if listed := north.want(t, 200, "GET", "/api/exclaves?datetime=2026-02-01", nil, nil).list("items"); len(listed) != 0 {
		t.Errorf("held after its end: %v", listed)
	}
	north.want(t, 400, "GET", "/api/exclaves?division=x", nil, nil)
}
