package api_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"fangyu/api"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/photo"
	"fangyu/internal/pgtest"
)

// newMatrix makes the offices, an account and a session for each, and the records of 渝北区民政局 that are asked about.
func newMatrix(t *testing.T) *matrix { return newMatrixOver(t, pgtest.New(t)) }

func newMatrixOver(t *testing.T, db *pgtest.DB) *matrix {
	t.Helper()
	much := func(c *api.Config) { // each account asks for more than a desk does
		c.Reading = api.UsualReading
		c.Reading.Exports *= 10
	}
	m := &matrix{world: newGroundOver(t, db, much), t: t, ids: map[string]string{}, clients: map[standpoint]visitor{}}
	m.ids["line"], m.ids["marker"], m.ids["withheld"] = m.line.String(), m.markers[0].ID.String(), m.markers[1].ID.String()
	m.ids["division"] = m.division("500112").String()
	m.ids["place"] = m.placeNamed(t, "新华村")
	for _, s := range standpoints {
		m.setUp(s.from, gazsql.Office{Name: s.name, Kind: s.kind, DivisionID: m.division(s.code)})
	}
	m.ids["office"], m.ids["other"] = m.ids["home@own"], m.ids["home@neighbour"]
	m.staff()
	m.divisionsMerged()
	m.cases()
	m.rounds()
	m.stretches()
	m.tracksAndMarker()
	m.photos()
	m.claims()
	m.agreements()
	m.ids["dispute"] = m.clients[own].want(m.t, 201, "POST", "/api/disputes", object{"lineId": m.ids["line"], "whole": true, "text": "矩阵"}, nil).text("id")
	m.markerWorks()
	m.markerChanges()
	m.audits()
	m.ids["exclave"] = gazsql.NewID().String()
	m.exec(`insert into exclave (id, division_id, geom, document_id, valid, recorded_at)
		select $1, division_id, st_point(106.5, 29.9, 4490), document_id, null_range, now() from division_code, daterange(null, null) null_range where division_id = $2 limit 1`,
		m.ids["exclave"], m.ids["division"])
	m.clients[own].want(m.t, 201, "POST", "/api/rule-packs", object{"pack": object{
		"id": "yubei-2027", "title": "渝北区地名规则", "region": "500112", "validFrom": "2027-01-01", "includes": []string{"chongqing-2022"}, "rules": []object{},
	}}, nil)
	m.ids["import"] = m.clients[own].handsIn(t, 201, "places.csv", "name,category\n双凤垭,natural\n").text("id")
	return m
}

// division is the id of a division by its code, nil for none.
func (m *matrix) division(code string) *uuid.UUID {
	m.t.Helper()
	if code == "" {
		return nil
	}
	id, err := m.gaz.DivisionByCode(context.Background(), code)
	must(m.t, err)
	return &id
}

// exec runs a statement as who may do anything.
func (m *matrix) exec(sql string, args ...any) {
	m.t.Helper()
	_, err := m.db.Super.Exec(context.Background(), sql, args...)
	must(m.t, err)
}

// setUp makes an office with one account, which may do everything to begin with, and signs it in. Only the first
// password is hashed: the others are the same one.
func (m *matrix) setUp(from standpoint, office gazsql.Office) {
	m.t.Helper()
	ctx, login := context.Background(), string(from)
	if from == own {
		m.accountIn(m.t, login, office, gazetteer.Roles...)
	} else {
		id, err := m.gaz.CreateOffice(ctx, importer, today, office)
		must(m.t, err)
		m.colleague(login, id)
	}
	a, err := m.gaz.AccountByLogin(ctx, importer, login)
	must(m.t, err)
	m.ids["account@"+login], m.ids["home@"+login] = a.ID.String(), a.OfficeID.String()
	must(m.t, m.takes(from, gazetteer.Roles...))
	m.clients[from] = m.as(m.t, login)
}

// colleague makes an account in an office with the password of the first one, and returns its id.
func (m *matrix) colleague(login string, office uuid.UUID) string {
	m.t.Helper()
	id := gazsql.NewID()
	m.exec(`insert into account (id, login, name, office_id, password_hash, must_change_password)
		select $1, $2::text, $2::text, $3, password_hash, false from account where login = 'own'`, id, login, office)
	return id.String()
}

// staff makes a colleague at 渝北区民政局 with an identity, a co-signing key of the office, and a session and a token for each who may end them; a device;
// and seats of the committee.
func (m *matrix) staff() {
	m.t.Helper()
	ctx, office := context.Background(), uuid.MustParse(m.ids["office"])
	m.ids["colleague"] = m.colleague("colleague", office)
	m.ids["task"] = gazsql.NewID().String()
	m.exec(`insert into assignment (id, office_id, account_id, line_id, role, valid, assigned_by, assigned_at)
		values ($1, $2, $3, $4, 'surveyor', '[2026-01-01,2027-01-01)', $3, now())`, m.ids["task"], office, m.ids["colleague"], m.line)
	m.ids["identity"] = gazsql.NewID().String()
	m.exec(`insert into account_identity (id, account_id, issuer, subject, recorded_at) values ($1, $2, 'https://id.example', '1', now())`, m.ids["identity"], m.ids["colleague"])
	m.ids["office-key"] = gazsql.NewID().String()
	_, key, err := note.GenerateKey(rand.Reader, "yubei.example/witness")
	must(m.t, err)
	m.exec(`insert into office_key (id, office_id, key, algorithm, registered_at, registered_by) values ($1, $2, $3, 'ed25519', now(), $4)`,
		m.ids["office-key"], office, key, m.ids["colleague"])
	for _, from := range append(froms(), "") {
		at := "@" + string(from)
		m.ids["session"+at], m.ids["token"+at] = gazsql.NewID().String(), gazsql.NewID().String()
		m.exec(`insert into session (token, data, expiry, id, account_id, began_at, seen_at) values ($1::text, '', now() + interval '1 hour', $1::uuid, $2, now(), now())`,
			m.ids["session"+at], m.ids["colleague"])
		m.exec(`insert into api_token (id, account_id, office_id, name, prefix, scopes, hash, created_at, expires_at)
			values ($1::uuid, $2, $3, '外业', 'fangyu_', '{read}', convert_to($1::text, 'UTF8'), now(), now() + interval '1 hour')`, m.ids["token"+at], m.ids["colleague"], office)
	}
	device := m.colleague("device", office)
	m.exec(`insert into account_role (account_id, role) values ($1, 'surveyor')`, device)
	bearer, err := m.gaz.CreateToken(ctx, importer, today, "device", "外业手机", 24*60*60*1e9, gazetteer.TokenRead, gazetteer.TokenUpload)
	must(m.t, err)
	m.ids["bearer"] = bearer
	for seat := range 3 {
		id := m.colleague(fmt.Sprintf("seat-%d", seat), uuid.MustParse(m.ids["home@committee"]))
		m.exec(`insert into account_role (account_id, role) values ($1, 'committee-member')`, id)
	}
}

func froms() []standpoint {
	var all []standpoint
	for _, s := range standpoints {
		all = append(all, s.from)
	}
	return all
}

// divisionsMerged makes two districts of the municipality that became one and had no offices.
func (m *matrix) divisionsMerged() {
	m.t.Helper()
	a, b, heir := uuid.New(), uuid.New(), uuid.New()
	m.exec(`insert into division (id) values ($1), ($2), ($3)`, a, b, heir)
	m.exec(`insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
		select gen_random_uuid(), n.id, n.name, v.level, v.kind, v.parent_id, n.valid, v.document_id, now()
		from division_version v, (values ($1::uuid, '万盛区', daterange(null, '2026-10-01')), ($2, '綦江县', daterange(null, '2026-10-01')),
			($3, '綦江区', daterange('2026-10-01', null))) n (id, name, valid) where v.division_id = $4`, a, b, heir, m.ids["division"])
	m.exec(`insert into division_link (predecessor_id, successor_id, kind, on_day, document_id)
		select n.id, $3, 'merge', '2026-10-01', v.document_id from division_version v, (values ($1::uuid), ($2)) n (id) where v.division_id = $4`,
		a, b, heir, m.ids["division"])
}

// cases makes naming cases of 渝北区民政局 in the states asked about.
func (m *matrix) cases() {
	m.t.Helper()
	for _, state := range []string{"draft", "submitted", "voting", "resolved"} {
		made := m.clients[own].want(m.t, 201, "POST", "/api/proposals", object{
			"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建",
		}, nil)
		m.ids[state] = made.text("id")
		m.exec(`update proposal set state = $2 where id = $1`, m.ids[state], state)
	}
}

// rounds makes rounds of the line in the states asked about, led by 渝北区民政局, with a form that only it may see.
func (m *matrix) rounds() {
	m.t.Helper()
	for _, state := range []string{"planned", "field", "compile", "confirm"} {
		made := m.clients[above].want(m.t, 201, "POST", "/api/inspections", object{
			"programme": "矩阵 " + state, "round": 4, "lineId": m.ids["line"], "leadOffice": m.ids["office"], "cooperatingOffice": m.ids["other"],
		}, nil)
		id := made.text("id")
		if state == "compile" {
			m.exec(`update inspection set state = 'field' where id = $1`, id)
			made = m.clients[own].want(m.t, 200, "PUT", "/api/inspections/"+id+"/forms/"+m.ids["marker"],
				object{"found": "intact", "checkedOn": "2026-11-01", "note": "草稿只给本方看"}, seen(made))
		}
		m.exec(`update inspection set state = $2 where id = $1`, id, state)
		m.ids[state], m.ids[state+"-version"] = id, fmt.Sprint(made["version"])
	}
}

// stretches makes one that 渝北区民政局 has declared in the round in the field, and one that both sides have confirmed.
func (m *matrix) stretches() {
	m.t.Helper()
	for name, fromM := range map[string]int{"stretch": 100, "agreed": 200} {
		made := m.clients[own].want(m.t, 201, "POST", "/api/inspections/"+m.ids["field"]+"/stretches",
			object{"class": "viewed", "fromM": fromM, "toM": fromM + 50, "reason": "cliff", "checkedOn": "2026-11-24"}, nil)
		m.ids[name] = made.text("id")
		if name == "agreed" {
			m.clients[neighbour].want(m.t, 200, "POST", "/api/stretches/"+m.ids[name]+"/actions", object{"action": "confirm"}, seen(made))
		}
	}
}

// tracksAndMarker makes a raw track and one handed in of 渝北区民政局, and withholds a marker.
func (m *matrix) tracksAndMarker() {
	m.t.Helper()
	for name, content := range map[string]string{"raw": "<gpx>1</gpx>", "handed": "<gpx>2</gpx>"} {
		made := m.clients[own].want(m.t, 201, "POST", "/api/tracks", upload(m.t, "a.gpx", []byte(content), "lineId", m.ids["line"]), nil)
		m.ids[name] = made.text("id")
	}
	m.exec(`update track set submitted_at = now() where id = $1`, m.ids["handed"])
	m.exec(`update track set state = 'held', version = 1, trace = '{}' where id = $1`, m.ids["raw"])
	path := "/api/markers/" + m.ids["withheld"]
	m.clients[above].want(m.t, 200, "POST", path+"/grade", object{
		"grade": "secret", "reason": "军事禁区附近", "document": object{"title": "定密决定", "number": "1"},
	}, seen(m.clients[above].want(m.t, 200, "GET", path, nil, nil)))
}

// photos makes a photo and one handed in of 渝北区民政局, both read.
func (m *matrix) photos() {
	m.t.Helper()
	for i, name := range []string{"photo", "photo-handed"} {
		sent := m.clients[own].handIn(m.t, object{"lineId": m.ids["line"]}, handed{name + ".jpg", photo.Synthesize(photo.Shot{Hue: uint8(i)})})
		m.ids[name] = sent.list("files")[0].text("photoId")
		must(m.t, m.bound.ReadPhoto(context.Background(), today, uuid.MustParse(m.ids[name])))
	}
	m.exec(`update photo set submitted_at = now() where id = $1`, m.ids["photo-handed"])
}

// claims makes a draft of what 渝北区民政局 claims and one it has sent.
func (m *matrix) claims() {
	m.t.Helper()
	for name, state := range map[string]string{"claim": "draft", "sent": "sent"} {
		made := m.clients[own].want(m.t, 201, "POST", "/api/claims", object{
			"lineId": m.ids["line"], "title": "主张", "text": "以山脊为界", "evidenceClass": "reference", "fromM": 0, "toM": 100,
			"documents": []object{{"title": "旧图", "number": "1"}},
		}, nil)
		m.ids[name] = made.text("id")
		m.exec(`update claim set state = $2, sent_at = case when $2 = 'sent' then now() end where id = $1`, m.ids[name], state)
	}
}

// agreements makes a draft of 渝北区民政局, and one that both sides confirmed and the other one signed.
func (m *matrix) agreements() {
	m.t.Helper()
	says := object{"lineId": m.ids["line"], "course": "沿山脊向东", "segments": []object{{"fromM": 0, "markKind": "ridge"}}}
	m.ids["agreement"] = m.clients[own].want(m.t, 201, "POST", "/api/agreements", says, nil).text("id")
	made := m.clients[neighbour].want(m.t, 201, "POST", "/api/agreements", says, nil)
	m.ids["agreement-signed"] = made.text("id")
	for _, from := range []standpoint{neighbour, own} {
		m.clients[from].want(m.t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
	}
	for _, step := range []struct {
		from   standpoint
		action string
	}{{neighbour, "propose"}, {neighbour, "confirm"}, {own, "confirm"}, {neighbour, "sign"}} {
		in := object{"action": step.action, "contentSha256": made.text("contentSha256"), "documents": []object{
			{"title": "协议书", "number": "1", "issuedBy": "两区政府", "issuedOn": "2026-11-01"},
		}}
		made = m.clients[step.from].want(m.t, 200, "POST", "/api/agreements/"+made.text("id")+"/actions", in, seen(made))
	}
}

// markerWorks makes a draft of 渝北区民政局 at a damaged marker, and a plan that waits for the neighbour.
func (m *matrix) markerWorks() {
	m.t.Helper()
	says := object{"markerId": m.ids["marker"], "kind": "damaged", "doneOn": "2026-11-01", "note": "断裂", "noPhotos": "雾大"}
	written := func(submit bool) string {
		made := m.clients[own].want(m.t, 201, "POST", "/api/marker-works", says, nil)
		if submit {
			m.clients[own].want(m.t, 200, "POST", "/api/marker-works/"+made.text("id")+"/actions", object{"action": "submit"}, seen(made))
		}
		return made.text("id")
	}
	written(true)
	m.ids["work"] = written(false)
	says["kind"], says["measures"], says["dueOn"], says["custodianId"] = "plan", []string{"repair"}, "2026-12-31", m.ids["division"]
	m.ids["work-submitted"] = written(true)
}

// markerChanges makes a draft of 渝北区民政局, and a case that both sides agreed to.
func (m *matrix) markerChanges() {
	m.t.Helper()
	says := object{"markerId": m.ids["marker"], "kind": "retirement", "reason": "矩阵"}
	m.ids["change"] = m.clients[own].want(m.t, 201, "POST", "/api/marker-changes", says, nil).text("id")
	made := m.clients[own].want(m.t, 201, "POST", "/api/marker-changes", says, nil)
	m.ids["change-agreed"] = made.text("id")
	for _, step := range []struct {
		from   standpoint
		action string
	}{{own, "apply"}, {own, "agree"}, {neighbour, "agree"}} {
		made = m.clients[step.from].want(m.t, 200, "POST", "/api/marker-changes/"+made.text("id")+"/actions", object{"action": step.action, "contentSha256": made.text("contentSha256")}, seen(made))
	}
}

// audits makes an audit under way of 渝北区民政局, with a finding, and one of the bureau above.
func (m *matrix) audits() {
	m.t.Helper()
	for _, from := range []standpoint{above, own} {
		m.ids["audit"] = gazsql.NewID().String()
		m.exec(`insert into audit (id, office_id, account_id, division_id, asked_at) values ($1, $2, $3, $4, $5)`,
			m.ids["audit"], m.ids["home@"+string(from)], m.ids["account@"+string(from)], m.ids["division"], today)
	}
	m.exec(`insert into audit_finding (audit_id, n, family, code, severity, key, places, finding)
		values ($1, 1, 'name', 'duplicate-name', 'block', 'k', '{}', '{"code": "duplicate-name", "severity": "block", "key": "k"}')`, m.ids["audit"])
}
