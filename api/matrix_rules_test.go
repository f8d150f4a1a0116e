package api_test

import (
	"slices"

	"fangyu/gazetteer"
)

// Who is who, in the words of the domain.
var (
	administrators = holders(gazetteer.Administrator)
	uploaders      = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor, gazetteer.Keeper)
	nameKeepers    = holders(gazetteer.Clerk, gazetteer.Editor, gazetteer.Approver)
	auditors       = holders(gazetteer.Clerk, gazetteer.Editor, gazetteer.Approver, gazetteer.Superior).at(own, neighbour, third, above)
	auditReaders   = holders(gazetteer.Clerk, gazetteer.Editor, gazetteer.Approver, gazetteer.Superior, gazetteer.Auditor).at(own, neighbour, third, above)
	readAudit      = outcomes(served(auditReaders.at(own)), hidden(auditReaders), forbidden(whoever()))
	importers      = holders(gazetteer.Clerk, gazetteer.Editor, gazetteer.Approver).at(own, neighbour, third, above)
	readImport     = outcomes(served(auditReaders.at(own, above)), hidden(auditReaders), forbidden(whoever()))
	actImport      = outcomes(stale(importers.at(own, above)), hidden(importers), forbidden(whoever()))
	keptNames      = outcomes(stale(nameKeepers.at(own, above)), forbidden(whoever()))
	graders        = holders(gazetteer.Approver, gazetteer.Superior)
	applicants     = holders(gazetteer.Applicant, gazetteer.Clerk)
	commissioners  = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader)
	rawReaders     = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor, gazetteer.Archivist)
	claimReaders   = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Archivist)
	desks          = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Superior, gazetteer.ApprovalAuthority, gazetteer.Surveyor,
		gazetteer.Archivist, gazetteer.Auditor)
	overseers = holders(gazetteer.Superior, gazetteer.Auditor)
	bothSides = staff(own, neighbour)
	// Records of markers: read by the sides and above, kept by who keeps the line.
	bothSidesAndAbove  = staff(own, neighbour, above)
	recordKeepers      = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader).at(own, neighbour)
	recordKeepersAbove = holders(gazetteer.Superior).at(above)
	bureaus            = staff(own, neighbour, third, above, township)
	// caseReaders take part in deciding names in 渝北区, or watch it.
	caseReaders = holders(gazetteer.Clerk, gazetteer.CommitteeMember, gazetteer.Approver, gazetteer.CompetentApprover, gazetteer.Expert,
		gazetteer.ConsultedDepartment, gazetteer.FilingReceiver, gazetteer.Auditor, gazetteer.Superior).at(above, committee, department)
	decidingOffices = []standpoint{own, above, committee, department}
)

// staff are who sees what their office has of a line: a keeper works by assignment only.
func staff(from ...standpoint) people { return whoeverIsAt(from...).but(gazetteer.Keeper) }

func served(to people) outcome                       { return outcome{to, 200, ""} }
func created(to people) outcome                      { return outcome{to, 201, ""} }
func emptied(to people) outcome                      { return outcome{to, 204, ""} }
func forbidden(to people) outcome                    { return outcome{to, 403, "not-yours"} }
func hidden(to people) outcome                       { return outcome{to, 404, ""} }
func stale(to people) outcome                        { return outcome{to, 412, "stale"} }
func answered(to people, n int, code string) outcome { return outcome{to, n, code} }
func outcomes(all ...outcome) []outcome              { return all }
func then(some []outcome, rest ...outcome) []outcome { return append(slices.Clone(some), rest...) }
func anyPage(route, path string) rule {
	return rule{route: route, path: path, outcomes: outcomes(served(whoever()))}
}

func historyOf(noun, id string, as ...outcome) rule {
	return rule{route: "GET /api/journal", use: noun + " " + id, door: signedIn, path: "/api/journal?subject=" + noun + "/{" + id + "}", outcomes: as}
}

func aboutWithheld(first ...outcome) []outcome {
	return append(first, forbidden(whoeverIsAt(own, neighbour, above)), hidden(whoever()))
}

func self(route, path, body string, as outcome) rule {
	return rule{route: route, door: inPerson, path: path, body: body, outcomes: outcomes(as)}
}

func administered(first outcome) []outcome {
	return outcomes(first, hidden(administrators), forbidden(whoever()))
}

// Who reads a case, a round, and what else comes: they may not act, to others it does not exist.
var (
	exported  = outcomes(served(bureaus), forbidden(whoever()))
	readCase  = outcomes(served(whoeverIsAt(own)), served(caseReaders), hidden(whoever()))
	onCase    = outcomes(forbidden(whoeverIsAt(own)), forbidden(caseReaders), hidden(whoever()))
	readRound = outcomes(served(bothSides), served(overseers.at(above)), hidden(whoever()))
	// An agreement that was proposed, by either side.
	readAgreement = outcomes(served(claimReaders.at(own, neighbour)), served(holders(gazetteer.Superior).at(above)), hidden(whoever()))
	onAgreement   = outcomes(forbidden(claimReaders.at(own, neighbour)), forbidden(holders(gazetteer.Superior).at(above)), hidden(whoever()))
	// Work at a marker that was submitted.
	readWork = outcomes(served(desks.at(own, neighbour, above)), hidden(whoever()))
	onWork   = outcomes(forbidden(desks.at(own, neighbour, above)), hidden(whoever()))
	rulers   = holders(gazetteer.Clerk, gazetteer.Approver)
	workers  = holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor)
	onRound  = outcomes(forbidden(bothSides), forbidden(overseers.at(above)), hidden(whoever()))
)

const (
	gpxForLine   = "--x\r\nContent-Disposition: form-data; name=\"lineId\"\r\n\r\n{line}\r\n" + gpxPart
	gpxForRound  = "--x\r\nContent-Disposition: form-data; name=\"inspectionId\"\r\n\r\n{confirm}\r\n" + gpxPart
	gpxPart      = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gpx\"\r\n\r\n<gpx/>\r\n--x--\r\n"
	namingRecord = `{"name":"x","kind":"customary","language":"zh","process":"usage","reason":"矩阵","document":{"title":"依据"}}`
	readingNote  = `{"reading":"x","reason":"矩阵","document":{"title":"依据"}}`
	markerRecord = `{"placement":"single","faces":"two-face","validFrom":"2026-11-01","objects":[],"document":{"title":"x"}}`
	grading      = `{"grade":"secret","reason":"矩阵","document":{"title":"依据","number":"1"}}`
)

// rules is the whole matrix. Bodies are right, so that only the right to act decides; where a right body would change
// what others are asked about, a stale version or a missing reason, which is looked at after the right, stands for success.
var rules = []rule{
	anyPage("GET /healthz", "/healthz"),
	anyPage("GET /readyz", "/readyz"),
	anyPage("GET /metrics", "/metrics"),
	anyPage("GET /openapi.json", "/openapi.json"),
	anyPage("GET /docs", "/docs"),
	anyPage("GET /ogc", "/ogc"),
	anyPage("GET /ogc/conformance", "/ogc/conformance"),
	anyPage("GET /ogc/api", "/ogc/api"),
	anyPage("GET /ogc/collections", "/ogc/collections"),
	anyPage("GET /ogc/collections/:id", "/ogc/collections/lines"),
	anyPage("GET /ogc/collections/:id/schema", "/ogc/collections/lines/schema"),
	anyPage("GET /ogc/collections/:id/queryables", "/ogc/collections/lines/queryables"),
	anyPage("GET /ogc/collections/:id/items", "/ogc/collections/lines/items"),
	anyPage("GET /ogc/collections/:id/items/:featureId", "/ogc/collections/lines/items/{line}"),
	anyPage("GET /ogc/collections/:id/tiles/WebMercatorQuad/:z/:row/:col", "/ogc/collections/lines/tiles/WebMercatorQuad/0/0/0"),
	anyPage("GET /tiles/:id/:z/:x/:y", "/tiles/lines/0/0/0.mvt"),
	anyPage("GET /api/config", "/api/config"),
	anyPage("GET /api/search", "/api/search?q=yubei"),
	anyPage("GET /api/suggest", "/api/suggest?q=yubei"),
	anyPage("GET /api/reverse", "/api/reverse?lon=106.5&lat=29.5"),
	anyPage("GET /api/divisions", "/api/divisions?code=500112"),
	anyPage("GET /api/divisions/:id", "/api/divisions/{division}"),
	{route: "GET /api/divisions/changes/:id/effect", path: "/api/divisions/changes/{division}/effect", outcomes: outcomes(hidden(whoever()))}, // no such approval
	anyPage("GET /api/changes", "/api/changes"),
	anyPage("GET /api/ledger/checkpoint", "/api/ledger/checkpoint"),
	anyPage("GET /api/ledger/key", "/api/ledger/key"),
	anyPage("GET /api/ledger/consistency", "/api/ledger/consistency"),
	anyPage("GET /api/ledger/cosignatures", "/api/ledger/cosignatures"),
	anyPage("GET /api/ledger/office-keys", "/api/ledger/office-keys"),
	anyPage("GET /api/lines", "/api/lines"),
	anyPage("GET /api/lines/:id", "/api/lines/{line}"),
	{route: "GET /api/rule-packs", door: looking, path: "/api/rule-packs", outcomes: outcomes(served(whoever())), shows: "yubei-2027", to: []people{whoeverIsAt(own, neighbour, third, above, committee, department, township, contractor, outsider)}},
	{route: "GET /api/rule-packs/:id", door: signedIn, path: "/api/rule-packs/national-2022", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/rule-packs/:id/diff", door: signedIn, path: "/api/rule-packs/chengdu-2025/diff?from=national-2022", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/rule-packs/:id/revisions", door: signedIn, path: "/api/rule-packs/national-2022/revisions", outcomes: outcomes(served(whoever()))},
	{route: "POST /api/rule-packs", door: signedIn, path: "/api/rule-packs", body: `{"pack":{"id":"matrix-2027","title":"矩阵","region":"500112","validFrom":"2027-01-01","includes":["national-2022"],"rules":[]}}`, outcomes: outcomes(created(rulers.at(own, above)), forbidden(whoever()))},
	{route: "PUT /api/rule-packs/:id", door: signedIn, path: "/api/rule-packs/yubei-2027", body: `{"pack":{"id":"yubei-2027","title":"别的","region":"500112","validFrom":"2027-01-01","rules":[]}}`, version: "99", outcomes: outcomes(stale(rulers.at(own, above)), forbidden(whoever()))},
	{route: "POST /api/rule-packs/:id/actions", door: signedIn, path: "/api/rule-packs/yubei-2027/actions", body: `{"action":"adopt","documents":[{"title":"通知","number":"1"}]}`, version: "1", outcomes: outcomes(answered(holders(gazetteer.Approver).at(own, above), 403, "confirm-identity"), forbidden(whoever()))},
	{route: "GET /api/journal", use: "rule-pack", door: signedIn, path: "/api/journal?subject=rule-pack/yubei-2027", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/journal", use: "word-library", door: signedIn, path: "/api/journal?subject=word-library/foreign-places", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/word-libraries", door: signedIn, path: "/api/word-libraries", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/word-libraries/:id", door: signedIn, path: "/api/word-libraries/foreign-places", outcomes: outcomes(served(whoever()))},
	{route: "POST /api/word-libraries", door: signedIn, path: "/api/word-libraries", body: `{"id":"foreign-places","title":"矩阵"}`, outcomes: outcomes(answered(rulers.at(own, neighbour, third, above), 409, "library-there"), forbidden(whoever()))},
	{route: "POST /api/word-libraries/:id/words", door: signedIn, path: "/api/word-libraries/foreign-places/words", body: `{"add":[{"text":"矩阵"}]}`, version: "99", outcomes: outcomes(stale(rulers.at(own, neighbour, third, above)), forbidden(whoever()))},
	{route: "GET /api/tripoints/:id", path: "/api/tripoints/00000000-0000-0000-0000-000000000000", outcomes: outcomes(answered(whoever(), 404, "tripoint-unknown"))},
	{route: "GET /api/lines/:id/versions", door: looking, path: "/api/lines/{line}/versions", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/session/oidc", path: "/api/session/oidc", outcomes: outcomes(answered(whoever(), 404, "oidc-off"))},
	{route: "GET /api/session/oidc/callback", path: "/api/session/oidc/callback?state=x&code=y", outcomes: outcomes(answered(whoever(), 404, "oidc-off"))},
	{route: "POST /api/session", path: "/api/session", body: `[]`, outcomes: outcomes(answered(whoever(), 400, "bad-json"))},
	{route: "DELETE /api/session", path: "/api/session", outcomes: outcomes(emptied(whoever()))}, // the last that is asked

	{route: "GET /api/session", door: entering, path: "/api/session", outcomes: outcomes(served(whoever()))},
	{route: "PUT /api/session/password", door: entering, path: "/api/session/password", body: `[]`, outcomes: outcomes(answered(whoever(), 400, "bad-json"))},
	self("POST /api/session/confirm", "/api/session/confirm", `[]`, answered(whoever(), 400, "bad-json")),
	self("GET /api/account/sessions", "/api/account/sessions", "", served(whoever())),
	self("DELETE /api/account/sessions", "/api/account/sessions", "", emptied(whoever())),
	self("DELETE /api/account/sessions/:id", "/api/account/sessions/{session}", "", hidden(whoever())), // a colleague's
	self("GET /api/account/tokens", "/api/account/tokens", "", served(whoever())),
	self("POST /api/account/tokens", "/api/account/tokens", `{"name":"矩阵","days":1}`, created(whoever())),
	self("DELETE /api/account/tokens/:id", "/api/account/tokens/{token}", "", hidden(whoever())), // a colleague's

	{route: "GET /api/offices", door: inPerson, path: "/api/offices?limit=1000", outcomes: outcomes(served(administrators), forbidden(whoever())), shows: "{office}", to: []people{administrators.at(own, above)}},
	{route: "POST /api/offices", door: inPerson, path: "/api/offices", body: `{"name":"矩阵 {n}","kind":"contractor","divisionId":"{division}"}`, outcomes: outcomes(
		created(administrators.at(own, above)), answered(administrators, 403, "not-your-division"), forbidden(whoever()))},
	{route: "POST /api/offices/successions", door: inPerson, path: "/api/offices/successions", body: `{"on":"2026-10-01","document":{"title":"批复","number":"1"}}`, outcomes: outcomes(
		served(administrators.at(above)), forbidden(whoever()))},
	{route: "POST /api/divisions/changes", door: inPerson, path: "/api/divisions/changes", body: `{"dryRun":true,"change":{"id":"matrix","title":"矩阵","basis":"document","approval":{"title":"批复","effectiveOn":"2026-11-01"},"events":[{"kind":"move-seat","from":[{"code":"500112"}],"to":[{"seat":"双凤桥街道"}]}]}}`, outcomes: outcomes(
		served(administrators.at(above)), forbidden(whoever()))},
	{route: "GET /api/offices/:id", door: inPerson, path: "/api/offices/{office}", outcomes: administered(served(administrators.at(own, above)))},
	{route: "PUT /api/offices/:id", door: inPerson, path: "/api/offices/{office}", body: `{"name":"渝北区民政局","kind":"civil-affairs","divisionId":"{division}"}`, version: "99", outcomes: administered(stale(administrators.at(own, above)))},
	{route: "GET /api/offices/:id/quota", door: inPerson, path: "/api/offices/{office}/quota", outcomes: administered(served(administrators.at(own, above)))},
	{route: "PUT /api/offices/:id/quota", door: inPerson, path: "/api/offices/{office}/quota", body: `{"files":9}`, version: "99", outcomes: then(
		outcomes(answered(administrators.at(own), 409, "own-office")), administered(stale(administrators.at(above)))...)},
	{route: "GET /api/accounts", door: inPerson, path: "/api/accounts?limit=1000", outcomes: outcomes(served(administrators), forbidden(whoever())), shows: "{colleague}", to: []people{administrators.at(own, above)}},
	{route: "POST /api/accounts", door: inPerson, path: "/api/accounts", body: `{"account":"matrix-{n}","name":"矩阵","officeId":"{office}","roles":["clerk"]}`, outcomes: administered(created(administrators.at(own, above)))},
	{route: "GET /api/accounts/:id", door: inPerson, path: "/api/accounts/{colleague}", outcomes: administered(served(administrators.at(own, above)))},
	{route: "PUT /api/accounts/:id", door: inPerson, path: "/api/accounts/{colleague}", body: `{"name":"矩阵","officeId":"{office}","roles":["clerk"]}`, version: "99", outcomes: administered(stale(administrators.at(own, above)))},
	{route: "POST /api/accounts/:id/actions", door: inPerson, path: "/api/accounts/{colleague}/actions", body: `{"action":"disable","reason":"矩阵"}`, version: "99", outcomes: administered(stale(administrators.at(own, above)))},
	{route: "POST /api/accounts/:id/identities", door: inPerson, path: "/api/accounts/{colleague}/identities", body: `{"issuer":"https://id.example","subject":"2"}`, version: "99", outcomes: administered(stale(administrators.at(own, above)))},
	{route: "DELETE /api/accounts/:id/identities/:identityId", door: inPerson, path: "/api/accounts/{colleague}/identities/{identity}", version: "99", outcomes: administered(stale(administrators.at(own, above)))},
	{route: "GET /api/sessions", door: inPerson, path: "/api/sessions?limit=1000", outcomes: outcomes(served(administrators), forbidden(whoever())), shows: "{colleague}", to: []people{administrators.at(own, above)}},
	{route: "DELETE /api/sessions/:id", door: inPerson, path: "/api/sessions/{session}", outcomes: administered(emptied(administrators.at(own, above))), undo: `update session set ended_at = null where id = '{session}'`},
	{route: "GET /api/tokens", door: inPerson, path: "/api/tokens?limit=10000", outcomes: outcomes(served(administrators), forbidden(whoever())), shows: "{colleague}", to: []people{administrators.at(own, above)}},
	{route: "DELETE /api/tokens/:id", door: inPerson, path: "/api/tokens/{token}", outcomes: administered(emptied(administrators.at(own, above))), undo: `update api_token set revoked_at = null where id = '{token}'`},

	{route: "POST /api/ledger/cosignatures", door: signedIn, path: "/api/ledger/cosignatures", body: `{"note":"x"}`, outcomes: outcomes(answered(whoever(), 400, "checkpoint-unreadable"))},
	{route: "POST /api/ledger/office-keys", door: inPerson, path: "/api/ledger/office-keys", body: `{"key":"x"}`, outcomes: outcomes(answered(administrators.at(own, neighbour, third, above, department, township), 403, "confirm-identity"), forbidden(whoever()))},
	{route: "DELETE /api/ledger/office-keys/:id", door: inPerson, path: "/api/ledger/office-keys/{office-key}", outcomes: administered(emptied(administrators.at(own))), undo: `update office_key set revoked_at = null, revoked_by = null where id = '{office-key}'`},

	{route: "GET /api/places/:id", door: looking, path: "/api/places/{place}", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/markers/:id", use: "published", door: looking, path: "/api/markers/{marker}", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/markers/:id", use: "withheld", door: looking, path: "/api/markers/{withheld}", outcomes: outcomes(served(whoeverIsAt(own, neighbour, above)), hidden(whoever()))},
	{route: "GET /api/withheld", door: signedIn, path: "/api/withheld", outcomes: outcomes(served(whoever())), shows: "{withheld}", to: []people{whoeverIsAt(own, neighbour, above)}},
	{route: "POST /api/places/:id/grade", door: inPerson, path: "/api/places/{place}/grade", body: grading, version: "99", outcomes: outcomes(stale(graders.at(own, above)), forbidden(whoever()))},
	{route: "POST /api/places/:id/reading", door: inPerson, path: "/api/places/{place}/reading", body: readingNote, version: "99", outcomes: outcomes(stale(graders.at(own, above)), forbidden(whoever()))},
	{route: "GET /api/readings", door: signedIn, path: "/api/readings", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/imports", door: signedIn, path: "/api/imports", outcomes: outcomes(served(auditReaders), forbidden(whoever())), shows: "{import}", to: []people{auditReaders.at(own, above)}},
	{route: "POST /api/imports", door: signedIn, path: "/api/imports?fileName=a.csv", body: "name,category\n", outcomes: outcomes(
		answered(importers, 422, "no-rows"), forbidden(whoever()))},
	{route: "GET /api/imports/:id", door: signedIn, path: "/api/imports/{import}", outcomes: readImport},
	{route: "GET /api/imports/:id/rows", door: signedIn, path: "/api/imports/{import}/rows", outcomes: readImport},
	{route: "GET /api/imports/:id/findings.xlsx", door: signedIn, path: "/api/imports/{import}/findings.xlsx", outcomes: readImport},
	{route: "GET /api/imports/:id/file", door: signedIn, path: "/api/imports/{import}/file", outcomes: readImport},
	{route: "PUT /api/imports/:id", door: signedIn, path: "/api/imports/{import}", body: `{}`, version: "99", outcomes: actImport},
	{route: "POST /api/imports/:id/actions", door: signedIn, path: "/api/imports/{import}/actions", body: `{"action":"abandon"}`, version: "99", outcomes: actImport},
	{route: "POST /api/imports/:id/decisions", door: signedIn, path: "/api/imports/{import}/decisions", body: `{"rows":[1],"as":"new"}`, version: "99", outcomes: actImport},
	{route: "GET /api/fabric", door: signedIn, path: "/api/fabric", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/fabric/reconciliation", door: signedIn, path: "/api/fabric/reconciliation?toleranceM=1", outcomes: outcomes(
		served(holders(gazetteer.Superior).at(above)), forbidden(whoever()))},
	{route: "POST /api/exclaves", door: signedIn, path: "/api/exclaves", body: `{"divisionId":"{division}","at":[106.5,29.5],"document":{"title":""}}`, outcomes: outcomes(
		answered(holders(gazetteer.Superior).at(above), 422, "exclave-wrong"), forbidden(whoever()))},
	{route: "GET /api/exclaves", door: signedIn, path: "/api/exclaves", outcomes: outcomes(served(whoever())), shows: "{exclave}", to: []people{whoever()}},
	{route: "POST /api/exclaves/:id/end", door: signedIn, path: "/api/exclaves/{exclave}/end", body: `{"endedOn":"2026-11-01","document":{"title":""}}`, outcomes: outcomes(
		answered(holders(gazetteer.Superior).at(above), 422, "exclave-wrong"), forbidden(whoever()))},
	{route: "GET /api/audits", door: signedIn, path: "/api/audits", outcomes: outcomes(served(auditReaders), forbidden(whoever())), shows: "{audit}", to: []people{auditReaders.at(own)}},
	{route: "POST /api/audits", door: signedIn, path: "/api/audits", body: `{"division":"{division}"}`, outcomes: outcomes(
		answered(auditors.at(own, above), 409, "audit-under-way"), forbidden(whoever()))}, // one of theirs is
	{route: "GET /api/audits/:id", door: signedIn, path: "/api/audits/{audit}", outcomes: readAudit},
	{route: "GET /api/audits/:id/findings", door: signedIn, path: "/api/audits/{audit}/findings", outcomes: readAudit},
	{route: "GET /api/audits/:id/findings.xlsx", door: signedIn, path: "/api/audits/{audit}/findings.xlsx", outcomes: readAudit},
	{route: "POST /api/audits/:id/actions", door: signedIn, path: "/api/audits/{audit}/actions", body: `{"action":"cancel"}`, version: "99", outcomes: outcomes(
		stale(auditors.at(own)), hidden(auditors), forbidden(whoever()))},
	{route: "POST /api/audits/:id/findings/:n/actions", door: signedIn, path: "/api/audits/{audit}/findings/1/actions", body: `{"action":"set-aside"}`, outcomes: outcomes(
		answered(auditors.at(own), 400, "reason-missing"), hidden(auditors), forbidden(whoever()))},
	{route: "PUT /api/places/:id", door: signedIn, path: "/api/places/{place}", body: `{"category":"natural","locatedBy":"division","reason":"x","document":{"title":"x"}}`, version: "99", outcomes: keptNames},
	{route: "GET /api/place-classes", door: open, path: "/api/place-classes", outcomes: outcomes(served(whoever()))},
	{route: "POST /api/places/:id/names", door: signedIn, path: "/api/places/{place}/names", body: namingRecord, version: "99", outcomes: keptNames},
	{route: "PUT /api/places/:id/names/:name", door: signedIn, path: "/api/places/{place}/names/{place}", body: namingRecord, version: "99", outcomes: keptNames},
	{route: "POST /api/places/:id/events", door: signedIn, path: "/api/places/{place}/events", body: `{"kind":"mention","process":"usage","onSaid":"明","citation":"《志》","document":{"title":"志"}}`, version: "99", outcomes: keptNames},
	{route: "POST /api/places/:id/twins", door: signedIn, path: "/api/places/{place}/twins", body: `{"twin":"{marker}","reason":"x","document":{"title":"x"}}`, version: "99", outcomes: keptNames},
	{route: "POST /api/places/:id/twins/:twin/end", door: signedIn, path: "/api/places/{place}/twins/{marker}/end", body: `{"reason":"x"}`, version: "99", outcomes: keptNames},
	{route: "GET /api/name-processes", door: open, path: "/api/name-processes", outcomes: outcomes(served(whoever()))},
	{route: "POST /api/markers/:id/grade", use: "published", door: inPerson, path: "/api/markers/{marker}/grade", body: grading, version: "99", outcomes: outcomes(stale(graders.at(above)), forbidden(whoever()))},
	{route: "POST /api/markers/:id/grade", use: "withheld", door: inPerson, path: "/api/markers/{withheld}/grade", body: grading, version: "99", outcomes: outcomes(
		stale(graders.at(above)), forbidden(whoeverIsAt(own, neighbour, above)), hidden(whoever()))},
	{route: "GET /api/markers/:id/record", use: "published", door: signedIn, path: "/api/markers/{marker}/record", outcomes: outcomes(served(bothSidesAndAbove), forbidden(whoever()))},
	{route: "GET /api/markers/:id/record", use: "withheld", door: signedIn, path: "/api/markers/{withheld}/record", outcomes: aboutWithheld(served(bothSidesAndAbove))},
	{route: "GET /api/markers/:id/record/form", use: "published", door: signedIn, path: "/api/markers/{marker}/record/form", outcomes: outcomes(served(bothSidesAndAbove), forbidden(whoever()))},
	{route: "GET /api/markers/:id/record/form", use: "withheld", door: signedIn, path: "/api/markers/{withheld}/record/form", outcomes: aboutWithheld(served(bothSidesAndAbove))},
	{route: "GET /api/lines/:id/nodes", door: signedIn, path: "/api/lines/{line}/nodes", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/lines/:id/marker-comparison", door: signedIn, path: "/api/lines/{line}/marker-comparison", outcomes: outcomes(served(bothSidesAndAbove), forbidden(whoever())), shows: "界桩变动对照表", to: []people{bothSidesAndAbove}},
	{route: "GET /api/lines/:id/marker-table", door: signedIn, path: "/api/lines/{line}/marker-table", outcomes: outcomes(served(bothSidesAndAbove), forbidden(whoever())), shows: "界桩成果表", to: []people{bothSidesAndAbove}},
	{route: "PUT /api/markers/:id/record", use: "published", door: signedIn, path: "/api/markers/{marker}/record", body: markerRecord, version: "99", outcomes: outcomes(stale(recordKeepers), stale(recordKeepersAbove), forbidden(whoever()))},
	{route: "PUT /api/markers/:id/record", use: "withheld", door: signedIn, path: "/api/markers/{withheld}/record", body: markerRecord, version: "99", outcomes: aboutWithheld(stale(recordKeepers), stale(recordKeepersAbove))},
	{route: "POST /api/markers/:id/witness-check", use: "published", door: signedIn, path: "/api/markers/{marker}/witness-check", body: `{"objects":[]}`, outcomes: outcomes(
		answered(bothSidesAndAbove, 409, "record-missing"), forbidden(whoever()))},
	{route: "POST /api/markers/:id/witness-check", use: "withheld", door: signedIn, path: "/api/markers/{withheld}/witness-check", body: `{"objects":[]}`, outcomes: aboutWithheld(
		answered(bothSidesAndAbove, 409, "record-missing"))},
	historyOf("place", "place", served(whoever())),
	historyOf("place-import", "import", readImport...),
	historyOf("line", "line", served(whoever())),
	historyOf("marker", "withheld", served(whoeverIsAt(own, neighbour, above)), hidden(whoever())),
	historyOf("proposal", "draft", served(whoeverIsAt(own)), hidden(whoever())),
	historyOf("proposal", "submitted", readCase...),
	historyOf("inspection", "compile", readRound...),
	historyOf("stretch", "stretch", readRound...),
	historyOf("track", "raw", served(staff(own)), hidden(whoever())),
	historyOf("photo", "photo", served(staff(own)), hidden(whoever())),
	historyOf("assignment", "task", served(desks.at(own)), served(overseers.at(above)), hidden(whoever())),
	historyOf("claim", "claim", served(claimReaders.at(own)), hidden(whoever())),
	historyOf("marker-change", "change", served(desks.at(own)), hidden(whoever())),
	historyOf("marker-change", "change-agreed", readWork...),
	historyOf("marker-work", "work", served(desks.at(own)), hidden(whoever())),
	historyOf("marker-work", "work-submitted", readWork...),
	historyOf("agreement", "agreement", served(claimReaders.at(own)), hidden(whoever())),
	historyOf("agreement", "agreement-signed", readAgreement...),
	historyOf("dispute", "dispute", readAgreement...),
	historyOf("account", "colleague", administered(served(administrators.at(own, above)))...),
	historyOf("office", "office", administered(served(administrators.at(own, above)))...),
	historyOf("token", "token", administered(served(administrators.at(own, above)))...),
	anyPage("GET /api/precision", "/api/precision"),
	{route: "PUT /api/precision/:layer/:level", door: inPerson, path: "/api/precision/markers/township", body: `{"decimals":3,"document":{"title":"依据","number":"1"}}`, version: "99", outcomes: outcomes(answered(administrators.at(above), 403, "confirm-identity"), forbidden(whoever()))},
	{route: "GET /api/exports/:id", use: "places", door: signedIn, path: "/api/exports/places?limit=1", outcomes: exported},
	{route: "GET /api/exports/:id", use: "file of places", door: signedIn, path: "/api/exports/places?f=csv&limit=1", outcomes: exported},
	{route: "GET /api/exports/:id", use: "markers", door: signedIn, path: "/api/exports/markers", outcomes: exported, shows: "{marker}", to: []people{staff(own, neighbour, above)}},
	{route: "GET /api/exports/:id", use: "withheld", door: signedIn, path: "/api/exports/markers", outcomes: exported, shows: "{withheld}"},
	{route: "GET /api/ledger/entries/:seq/proof", door: signedIn, path: "/api/ledger/entries/1/proof", outcomes: outcomes(served(whoever()))},

	{route: "POST /api/name-checks", door: signedIn, path: "/api/name-checks", body: `{"kind":"new","name":"紫云路","category":"street","division":"500112"}`, outcomes: outcomes(served(whoever()))},
	{route: "GET /api/proposals", door: signedIn, path: "/api/proposals?limit=1000", outcomes: outcomes(served(whoever())), shows: "{submitted}", to: []people{whoeverIsAt(own), caseReaders}},
	{route: "POST /api/proposals", door: signedIn, path: "/api/proposals", body: `{"kind":"new","name":"紫云路","category":"street","division":"500112","reason":"新建"}`, outcomes: outcomes(created(applicants), forbidden(whoever()))},
	{route: "GET /api/proposals/:id", use: "draft", door: signedIn, path: "/api/proposals/{draft}", outcomes: outcomes(served(whoeverIsAt(own)), hidden(whoever()))},
	{route: "GET /api/proposals/:id", use: "submitted", door: signedIn, path: "/api/proposals/{submitted}", outcomes: readCase},
	{route: "POST /api/proposals/:id/actions", use: "submit", door: signedIn, path: "/api/proposals/{draft}/actions", body: `{"action":"submit"}`, version: "99", outcomes: outcomes(stale(whoeverIsAt(own)), hidden(whoever()))},
	{route: "POST /api/proposals/:id/actions", use: "return", door: signedIn, path: "/api/proposals/{submitted}/actions", body: `{"action":"return"}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.Clerk).at(decidingOffices...), 400, "reason-missing")), onCase...)},
	{route: "POST /api/proposals/:id/actions", use: "withdraw", door: signedIn, path: "/api/proposals/{submitted}/actions", body: `{"action":"withdraw"}`, version: "1", outcomes: then(
		outcomes(answered(applicants.at(own), 400, "reason-missing")), onCase...)},
	{route: "POST /api/proposals/:id/actions", use: "vote", door: signedIn, path: "/api/proposals/{voting}/actions", body: `{"action":"vote","approve":true}`, version: "1", outcomes: then(
		outcomes(served(holders(gazetteer.CommitteeMember).at(committee))), onCase...), undo: `delete from proposal_vote where proposal_id = '{voting}'; update proposal set version = 1 where id = '{voting}'`},
	{route: "POST /api/proposals/:id/actions", use: "approve", door: signedIn, path: "/api/proposals/{resolved}/actions", body: `{"action":"approve","documents":[{"title":"批复","number":"1"}]}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.Approver).at(decidingOffices...), 403, "confirm-identity")), onCase...)},
	{route: "POST /api/proposals/:id/actions", use: "reject", door: signedIn, path: "/api/proposals/{resolved}/actions", body: `{"action":"reject"}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.Approver).at(decidingOffices...), 400, "reason-missing")), onCase...)},
	{route: "POST /api/proposals/:id/statements", use: "clear", door: signedIn, path: "/api/proposals/{submitted}/statements", body: `{"kind":"clear","rule":"x","part":"x"}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.Clerk, gazetteer.Expert, gazetteer.Approver).at(above, committee, department), 400, "reason-missing")), onCase...)},
	{route: "POST /api/proposals/:id/statements", use: "explain", door: signedIn, path: "/api/proposals/{voting}/statements", body: `{"kind":"explain","rule":"x","part":"x"}`, version: "1", outcomes: then(
		outcomes(answered(applicants.at(own), 400, "reason-missing")), onCase...)},
	{route: "GET /api/proposals/:id/verdict", use: "draft", door: signedIn, path: "/api/proposals/{draft}/verdict?pack=chengdu-2025", outcomes: outcomes(served(whoeverIsAt(own)), hidden(whoever()))},
	{route: "GET /api/proposals/:id/verdict", use: "submitted", door: signedIn, path: "/api/proposals/{submitted}/verdict?pack=chengdu-2025", outcomes: readCase},

	{route: "GET /api/tracks", door: signedIn, path: "/api/tracks?limit=1000", outcomes: outcomes(served(whoever())), shows: "{raw}", to: []people{staff(own)}},
	{route: "POST /api/tracks", use: "for a line", door: signedIn, path: "/api/tracks", body: gpxForLine, outcomes: outcomes(
		answered(uploaders.at(own, neighbour).but(gazetteer.Keeper), done, ""), answered(uploaders.at(contractor), 403, "not-assigned"),
		answered(holders(gazetteer.Keeper), 403, "not-assigned"), answered(uploaders, 403, "not-your-line"), forbidden(whoever()))},
	{route: "POST /api/tracks", use: "for a round", door: signedIn, path: "/api/tracks", body: gpxForRound, outcomes: outcomes(
		answered(uploaders.at(own, neighbour).but(gazetteer.Keeper), done, ""), hidden(uploaders), forbidden(whoever()))},
	{route: "GET /api/tracks/:id", use: "raw", door: signedIn, path: "/api/tracks/{raw}", outcomes: outcomes(served(staff(own)), hidden(whoever()))},
	{route: "GET /api/tracks/:id", use: "submitted", door: signedIn, path: "/api/tracks/{handed}", outcomes: outcomes(
		served(staff(own)), served(overseers.at(above)), hidden(whoever()))},

	{route: "GET /api/tracks/:id/receipt", use: "raw", door: signedIn, path: "/api/tracks/{raw}/receipt", outcomes: outcomes(served(rawReaders.at(own)), forbidden(staff(own)), hidden(whoever()))},

	{route: "GET /api/tracks/:id/trace", door: signedIn, path: "/api/tracks/{raw}/trace", outcomes: outcomes(served(rawReaders.at(own)), forbidden(staff(own)), hidden(whoever()))},
	{route: "GET /api/tracks/:id/original", door: signedIn, path: "/api/tracks/{raw}/original", outcomes: outcomes(served(rawReaders.at(own)), forbidden(staff(own)), hidden(whoever()))},
	{route: "POST /api/tracks/:id/actions", door: signedIn, path: "/api/tracks/{raw}/actions", body: `{"action":"confirm-frame","frame":"gcj02"}`, version: "1", outcomes: outcomes(
		answered(holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor).at(own), 400, "reason-missing"), forbidden(staff(own)), hidden(whoever()))},
	{route: "GET /api/photos", door: signedIn, path: "/api/photos?limit=1000", outcomes: outcomes(served(whoever())), shows: "{photo}", to: []people{staff(own)}},
	{route: "GET /api/photos", use: "of a line", door: signedIn, path: "/api/photos?lineId={line}", outcomes: outcomes(served(whoever())), shows: "{photo-handed}", to: []people{staff(own), overseers.at(above)}},
	{route: "GET /api/photos/:id", use: "raw", door: signedIn, path: "/api/photos/{photo}", outcomes: outcomes(served(staff(own)), hidden(whoever()))},
	{route: "GET /api/photos/:id", use: "submitted", door: signedIn, path: "/api/photos/{photo-handed}", outcomes: outcomes(served(staff(own)), served(overseers.at(above)), hidden(whoever()))},
	{route: "GET /api/photos/:id/thumbnail", door: signedIn, path: "/api/photos/{photo}/thumbnail", outcomes: outcomes(served(staff(own)), hidden(whoever()))},
	{route: "GET /api/photos/:id/public-copy", door: signedIn, path: "/api/photos/{photo-handed}/public-copy", outcomes: outcomes(served(staff(own)), served(overseers.at(above)), hidden(whoever()))},
	{route: "GET /api/photos/:id/original", use: "raw", door: signedIn, path: "/api/photos/{photo}/original", outcomes: outcomes(served(rawReaders.at(own)), forbidden(staff(own)), hidden(whoever()))},
	{route: "GET /api/photos/:id/original", use: "submitted", door: signedIn, path: "/api/photos/{photo-handed}/original", outcomes: outcomes(
		served(rawReaders.at(own)), forbidden(staff(own)), served(overseers.at(above)), hidden(whoever()))},

	// A submission is its account's own: here, that of whoever sits at 渝北区民政局.
	{
		route: "PUT /api/submissions/:id", door: signedIn, path: "/api/submissions/01a22017-5941-7a8f-bc23-bced2aaecd43",
		body: `{"lineId":"{line}","files":[{"name":"a.gpx","size":9}]}`, outcomes: outcomes(
			answered(uploaders.at(own, neighbour).but(gazetteer.Keeper), done, ""), answered(uploaders.at(contractor), 403, "not-assigned"),
			answered(holders(gazetteer.Keeper), 403, "not-assigned"), answered(uploaders, 403, "not-your-line"), forbidden(whoever())),
		undo: `delete from submission where id = '01a22017-5941-7a8f-bc23-bced2aaecd43'`,
	},
	{route: "GET /api/submissions/:id", door: signedIn, path: "/api/submissions/{raw}", outcomes: outcomes(served(whoeverIsAt(own)), hidden(whoever())), private: true},
	{route: "OPTIONS /api/uploads", door: open, path: "/api/uploads", outcomes: outcomes(emptied(whoever()))},
	{route: "POST /api/uploads", door: signedIn, path: "/api/uploads", outcomes: outcomes(answered(whoever(), 412, "tus-version"))},
	{route: "GET /api/uploads/:id", door: signedIn, path: "/api/uploads/{raw}", outcomes: outcomes(served(whoeverIsAt(own)), hidden(whoever())), private: true},
	{route: "PATCH /api/uploads/:id", door: signedIn, path: "/api/uploads/{raw}", outcomes: outcomes(answered(whoever(), 412, "tus-version"))},
	{route: "DELETE /api/uploads/:id", door: signedIn, path: "/api/uploads/{raw}", outcomes: outcomes(answered(whoever(), 412, "tus-version"))},
	{route: "GET /api/uploads/:id/receipt", door: signedIn, path: "/api/uploads/{raw}/receipt", outcomes: outcomes(served(whoeverIsAt(own)), hidden(whoever())), private: true},

	{route: "GET /api/assignments", door: signedIn, path: "/api/assignments?limit=1000", outcomes: outcomes(served(whoever())), shows: "{task}", to: []people{desks.at(own), overseers.at(above)}},
	{route: "POST /api/assignments", door: signedIn, path: "/api/assignments", body: `{"lineId":"{line}","account":"device","role":"surveyor","validFrom":"2026-11-24","validTo":"2026-11-20"}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "assignment-wrong"), forbidden(whoever()))},
	{route: "GET /api/assignees", door: signedIn, path: "/api/assignees?line={line}&role=surveyor", outcomes: outcomes(served(commissioners.at(own, neighbour)), forbidden(whoever()))},
	{route: "POST /api/assignments/:id/actions", door: signedIn, path: "/api/assignments/{task}/actions", body: `{"action":"end"}`, version: "1", outcomes: outcomes(
		answered(commissioners.at(own), 400, "reason-missing"), forbidden(desks.at(own)), forbidden(overseers.at(above)), hidden(whoever()))},

	{route: "GET /api/claims", door: signedIn, path: "/api/claims?limit=1000", outcomes: outcomes(served(whoever())), shows: "{claim}", to: []people{claimReaders.at(own)}},
	{route: "POST /api/claims", door: signedIn, path: "/api/claims", body: `{"lineId":"{line}","title":"","text":"","evidenceClass":"x","fromM":9,"toM":1}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "claim-wrong"), forbidden(whoever()))},
	{route: "GET /api/claims/:id", use: "draft", door: signedIn, path: "/api/claims/{claim}", outcomes: outcomes(served(claimReaders.at(own)), hidden(whoever()))},
	{route: "GET /api/claims/:id", use: "sent", door: signedIn, path: "/api/claims/{sent}", outcomes: outcomes(
		served(claimReaders.at(own)), served(holders(gazetteer.Superior).at(above)), hidden(whoever()))},
	{route: "PUT /api/claims/:id", use: "draft", door: signedIn, path: "/api/claims/{claim}", body: `{"lineId":"{line}","title":"","text":"","evidenceClass":"x","fromM":9,"toM":1}`, version: "1", outcomes: outcomes(
		answered(commissioners.at(own), 422, "claim-wrong"), forbidden(claimReaders.at(own)), hidden(whoever()))},
	{route: "POST /api/claims/:id/actions", use: "withdraw", door: signedIn, path: "/api/claims/{sent}/actions", body: `{"action":"withdraw"}`, version: "1", outcomes: outcomes(
		answered(commissioners.at(own), 400, "reason-missing"), forbidden(claimReaders.at(own)), forbidden(holders(gazetteer.Superior).at(above)), hidden(whoever()))},
	{route: "POST /api/claims/:id/actions", use: "exchange", door: signedIn, path: "/api/claims/{sent}/actions", body: `{"action":"exchange"}`, version: "1", outcomes: outcomes(
		answered(holders(gazetteer.Superior).at(above), 409, "one-sided"), forbidden(claimReaders.at(own)), hidden(whoever()))},

	{route: "GET /api/disputes", door: signedIn, path: "/api/disputes?line={line}&state=open", outcomes: outcomes(served(whoever())), shows: "{dispute}", to: []people{claimReaders.at(own, neighbour), holders(gazetteer.Superior).at(above)}},
	{route: "POST /api/disputes", door: signedIn, path: "/api/disputes", body: `{"lineId":"{line}","whole":true,"text":""}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "dispute-wrong"), answered(holders(gazetteer.Superior).at(above), 422, "dispute-wrong"), forbidden(whoever()))},
	{route: "GET /api/disputes/:id", door: signedIn, path: "/api/disputes/{dispute}", outcomes: readAgreement},
	{route: "POST /api/disputes/:id/actions", use: "minute", door: signedIn, path: "/api/disputes/{dispute}/actions", body: `{"action":"minute"}`, version: "1", outcomes: then(
		outcomes(answered(commissioners.at(own, neighbour), 400, "reason-missing"), answered(holders(gazetteer.Superior).at(above), 400, "reason-missing")), onAgreement...)},
	{route: "POST /api/disputes/:id/actions", use: "withdraw", door: signedIn, path: "/api/disputes/{dispute}/actions", body: `{"action":"withdraw"}`, version: "1", outcomes: then(
		outcomes(answered(commissioners.at(own), 400, "reason-missing")), onAgreement...)},
	{route: "POST /api/disputes/:id/actions", use: "settle", door: signedIn, path: "/api/disputes/{dispute}/actions", body: `{"action":"settle"}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 403, "confirm-identity")), onAgreement...)},

	{route: "GET /api/agreements", use: "draft", door: signedIn, path: "/api/agreements?limit=1000", outcomes: outcomes(served(whoever())), shows: "{agreement}", to: []people{claimReaders.at(own)}},
	{route: "GET /api/agreements", use: "signed", door: signedIn, path: "/api/agreements?line={line}&state=signed", outcomes: outcomes(served(whoever())), shows: "{agreement-signed}", to: []people{claimReaders.at(own, neighbour), holders(gazetteer.Superior).at(above)}},
	{route: "POST /api/agreements", door: signedIn, path: "/api/agreements", body: `{"lineId":"{line}","course":"","segments":[]}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "agreement-wrong"), forbidden(whoever()))},
	{route: "GET /api/agreements/:id", use: "draft", door: signedIn, path: "/api/agreements/{agreement}", outcomes: outcomes(served(claimReaders.at(own)), hidden(whoever()))},
	{route: "GET /api/agreements/:id", use: "signed", door: signedIn, path: "/api/agreements/{agreement-signed}", outcomes: readAgreement},
	{route: "GET /api/agreements/:id/effect", use: "draft", door: signedIn, path: "/api/agreements/{agreement}/effect", outcomes: outcomes(served(claimReaders.at(own)), hidden(whoever()))},
	{route: "GET /api/agreements/:id/effect", use: "signed", door: signedIn, path: "/api/agreements/{agreement-signed}/effect", outcomes: readAgreement},
	{route: "PUT /api/agreements/:id", use: "draft", door: signedIn, path: "/api/agreements/{agreement}", body: `{"course":"","segments":[]}`, version: "1", outcomes: outcomes(
		answered(commissioners.at(own), 422, "agreement-wrong"), forbidden(claimReaders.at(own)), hidden(whoever()))},
	{route: "POST /api/agreements/:id/actions", use: "draft", door: signedIn, path: "/api/agreements/{agreement}/actions", body: `{"action":"confirm"}`, version: "1", outcomes: outcomes(
		answered(claimReaders.at(own), 409, "action-not-open"), hidden(whoever()))},
	{route: "POST /api/agreements/:id/actions", use: "approve", door: signedIn, path: "/api/agreements/{agreement-signed}/actions", body: `{"action":"approve","validFrom":"2026-11-01","documents":[{"title":"批复","number":"1"}]}`, version: "5", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 403, "confirm-identity")), onAgreement...)},
	{route: "POST /api/agreements/:id/actions", use: "return", door: signedIn, path: "/api/agreements/{agreement-signed}/actions", body: `{"action":"return"}`, version: "5", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 400, "reason-missing")), onAgreement...)},

	{route: "GET /api/markers/:id/work", use: "published", door: signedIn, path: "/api/markers/{marker}/work", outcomes: outcomes(served(whoever()))},
	{route: "GET /api/markers/:id/work", use: "withheld", door: signedIn, path: "/api/markers/{withheld}/work", outcomes: outcomes(served(whoeverIsAt(own, neighbour, above)), hidden(whoever()))},
	{route: "GET /api/marker-measure-rules", door: signedIn, path: "/api/marker-measure-rules", outcomes: outcomes(served(whoever()))},
	{route: "POST /api/marker-measure-rules", door: inPerson, path: "/api/marker-measure-rules", body: `{"measure":"righting","level":"county","countsAs":"upkeep","validFrom":"2026-12-01","document":{"title":"办法","number":"1"}}`, outcomes: outcomes(
		answered(holders(gazetteer.Superior).at(own, neighbour, third, above), 403, "confirm-identity"), forbidden(whoever()))},
	{route: "GET /api/marker-works", use: "draft", door: signedIn, path: "/api/marker-works?limit=1000", outcomes: outcomes(served(whoever())), shows: "{work}", to: []people{desks.at(own)}},
	{route: "GET /api/marker-works", use: "submitted", door: signedIn, path: "/api/marker-works?marker={marker}&state=submitted", outcomes: outcomes(served(whoever())), shows: "{work-submitted}", to: []people{desks.at(own, neighbour, above)}},
	{route: "POST /api/marker-works", use: "published", door: signedIn, path: "/api/marker-works", body: `{"markerId":"{marker}","kind":"intact","doneOn":"1800-01-01"}`, outcomes: outcomes(
		answered(workers.at(own, neighbour), 422, "work-wrong"), answered(holders(gazetteer.Keeper), 403, ""), answered(whoeverIsAt(contractor), 403, ""), forbidden(whoever()))},
	{route: "POST /api/marker-works", use: "withheld", door: signedIn, path: "/api/marker-works", body: `{"markerId":"{withheld}","kind":"intact","doneOn":"1800-01-01"}`, outcomes: outcomes(
		answered(workers.at(own, neighbour), 422, "work-wrong"), answered(holders(gazetteer.Keeper).at(own, neighbour, above), 403, ""), forbidden(whoeverIsAt(own, neighbour, above)), hidden(whoever()))},
	{route: "GET /api/marker-works/:id", use: "draft", door: signedIn, path: "/api/marker-works/{work}", outcomes: outcomes(served(desks.at(own)), hidden(whoever()))},
	{route: "GET /api/marker-works/:id", use: "submitted", door: signedIn, path: "/api/marker-works/{work-submitted}", outcomes: readWork},
	{route: "PUT /api/marker-works/:id", use: "draft", door: signedIn, path: "/api/marker-works/{work}", body: `{"kind":"intact","doneOn":"1800-01-01"}`, version: "1", outcomes: outcomes(
		answered(workers.at(own), 422, "work-wrong"), forbidden(desks.at(own)), hidden(whoever()))},
	{route: "POST /api/marker-works/:id/actions", use: "confirm", door: signedIn, path: "/api/marker-works/{work-submitted}/actions", body: `{"action":"confirm"}`, version: "2", outcomes: then(
		outcomes(answered(commissioners.at(neighbour), 403, "confirm-identity")), onWork...)},
	{route: "POST /api/marker-works/:id/actions", use: "record", door: signedIn, path: "/api/marker-works/{work-submitted}/actions", body: `{"action":"record"}`, version: "2", outcomes: then(
		outcomes(answered(workers.at(own), 422, "witness-missing")), onWork...)},
	{route: "POST /api/marker-works/:id/actions", use: "withdraw", door: signedIn, path: "/api/marker-works/{work-submitted}/actions", body: `{"action":"withdraw"}`, version: "2", outcomes: then(
		outcomes(answered(workers.at(own), 400, "reason-missing")), onWork...)},

	{route: "GET /api/marker-changes", use: "draft", door: signedIn, path: "/api/marker-changes?limit=1000", outcomes: outcomes(served(whoever())), shows: "{change}", to: []people{desks.at(own)}},
	{route: "GET /api/marker-changes", use: "agreed", door: signedIn, path: "/api/marker-changes?line={line}&state=agreed", outcomes: outcomes(served(whoever())), shows: "{change-agreed}", to: []people{desks.at(own, neighbour, above)}},
	{route: "POST /api/marker-changes", use: "published", door: signedIn, path: "/api/marker-changes", body: `{"markerId":"{marker}","kind":"relocation","reason":""}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "change-wrong"), forbidden(whoever()))},
	{route: "POST /api/marker-changes", use: "withheld", door: signedIn, path: "/api/marker-changes", body: `{"markerId":"{withheld}","kind":"relocation","reason":""}`, outcomes: aboutWithheld(
		answered(commissioners.at(own, neighbour), 422, "change-wrong"))},
	{route: "POST /api/marker-changes", use: "addition", door: signedIn, path: "/api/marker-changes", body: `{"lineId":"{line}","kind":"addition","reason":""}`, outcomes: outcomes(
		answered(commissioners.at(own, neighbour), 422, "change-wrong"), forbidden(whoever()))},
	{route: "GET /api/marker-changes/:id", use: "draft", door: signedIn, path: "/api/marker-changes/{change}", outcomes: outcomes(served(desks.at(own)), hidden(whoever()))},
	{route: "GET /api/marker-changes/:id", use: "agreed", door: signedIn, path: "/api/marker-changes/{change-agreed}", outcomes: readWork},
	{route: "PUT /api/marker-changes/:id", use: "draft", door: signedIn, path: "/api/marker-changes/{change}", body: `{"kind":"relocation","reason":"改"}`, version: "1", outcomes: outcomes(
		answered(commissioners.at(own), 422, "change-wrong"), forbidden(desks.at(own)), hidden(whoever()))},
	{route: "PUT /api/marker-changes/:id", use: "agreed", door: signedIn, path: "/api/marker-changes/{change-agreed}", body: `{"kind":"relocation","reason":"改"}`, version: "4", outcomes: then(
		outcomes(answered(commissioners.at(own), 422, "change-wrong")), onWork...)},
	{route: "POST /api/marker-changes/:id/actions", use: "return", door: signedIn, path: "/api/marker-changes/{change-agreed}/actions", body: `{"action":"return"}`, version: "4", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 400, "reason-missing")), onWork...)},
	{route: "POST /api/marker-changes/:id/actions", use: "draft", door: signedIn, path: "/api/marker-changes/{change}/actions", body: `{"action":"file"}`, version: "1", outcomes: outcomes(
		answered(desks.at(own), 409, "action-not-open"), hidden(whoever()))},
	{route: "POST /api/marker-changes/:id/actions", use: "approve", door: signedIn, path: "/api/marker-changes/{change-agreed}/actions", body: `{"action":"approve"}`, version: "4", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 403, "confirm-identity")), onWork...)},
	{route: "POST /api/marker-changes/:id/actions", use: "decline", door: signedIn, path: "/api/marker-changes/{change-agreed}/actions", body: `{"action":"decline"}`, version: "4", outcomes: then(
		outcomes(answered(holders(gazetteer.Superior).at(above), 400, "reason-missing")), onWork...)},

	{route: "GET /api/inspections", door: signedIn, path: "/api/inspections?limit=1000", outcomes: outcomes(served(whoever())), shows: "{planned}", to: []people{bothSides, overseers.at(above)}},
	{route: "POST /api/inspections", door: signedIn, path: "/api/inspections", body: `{"programme":"矩阵 {n}","round":5,"lineId":"{line}","leadOffice":"{office}","cooperatingOffice":"{other}"}`, outcomes: outcomes(
		created(holders(gazetteer.Superior).at(above)), forbidden(whoever()))},
	{route: "GET /api/inspections/:id", door: signedIn, path: "/api/inspections/{compile}", outcomes: readRound, shows: "草稿只给本方看", to: []people{staff(own)}},
	{route: "GET /api/inspections/:id/report", door: signedIn, path: "/api/inspections/{compile}/report", outcomes: readRound, shows: "草稿只给本方看"},
	{route: "POST /api/inspections/:id/actions", use: "start", door: signedIn, path: "/api/inspections/{planned}/actions", body: `{"action":"start"}`, version: "99", outcomes: outcomes(
		stale(bothSides), stale(overseers.at(above)), hidden(whoever()))},
	{route: "POST /api/inspections/:id/actions", use: "finish-field", door: signedIn, path: "/api/inspections/{field}/actions", body: `{"action":"finish-field"}`, version: "{field-version}", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer).at(own), 422, "field-incomplete")), onRound...)},
	{route: "POST /api/inspections/:id/actions", use: "return", door: signedIn, path: "/api/inspections/{compile}/actions", body: `{"action":"return"}`, version: "{compile-version}", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer).at(own, neighbour), 400, "reason-missing")), onRound...)},
	{route: "POST /api/inspections/:id/actions", use: "sign", door: signedIn, path: "/api/inspections/{confirm}/actions", body: `{"action":"sign","contentSha256":"0"}`, version: "{confirm-version}", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyLeader).at(own, neighbour), 403, "confirm-identity")), onRound...)},
	{route: "GET /api/inspections/:id/stretches", door: signedIn, path: "/api/inspections/{field}/stretches", outcomes: readRound, shows: "{stretch}", to: []people{bothSides, overseers.at(above)}},
	{route: "POST /api/inspections/:id/stretches", door: signedIn, path: "/api/inspections/{planned}/stretches", body: `{"class":"viewed","fromM":0,"toM":90,"reason":"cliff","checkedOn":"2026-11-24"}`, outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer).at(own, neighbour), 409, "not-in-field")), onRound...)},
	{route: "GET /api/stretches/:id", door: signedIn, path: "/api/stretches/{stretch}", outcomes: readRound},
	{route: "POST /api/stretches/:id/actions", use: "refuse", door: signedIn, path: "/api/stretches/{stretch}/actions", body: `{"action":"refuse"}`, version: "1", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer).at(neighbour), 400, "reason-missing")), onRound...)},
	{route: "POST /api/stretches/:id/actions", use: "withdraw", door: signedIn, path: "/api/stretches/{agreed}/actions", body: `{"action":"withdraw"}`, version: "2", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer).at(own, neighbour), 400, "reason-missing")), onRound...)},
	{route: "PUT /api/inspections/:id/forms/:markerId", door: signedIn, path: "/api/inspections/{planned}/forms/{marker}", body: `{"found":"intact","checkedOn":"2026-11-01"}`, version: "{planned-version}", outcomes: then(
		outcomes(answered(holders(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor).at(own, neighbour), 409, "not-in-field")), onRound...)},
}
