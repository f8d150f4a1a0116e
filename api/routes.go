package api

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
)

// access says who may call a route at all; the use-case decides the rest.
type access uint8

const (
	public   access = iota // anybody
	signedIn               // a session or a token
	arriving               // the same, even before the first password is changed
	inPerson               // a session only
)

// route is one line of the table.
type route struct {
	method string
	path   string // as gin writes it
	access access
	handle handler
}

// table is every route of the server but the files of the pages.
func (s *Server) table() []route {
	return slices.Concat(
		s.systemRoutes(), s.ogcRoutes(), s.sessionRoutes(), s.officeRoutes(),
		s.recordRoutes(), s.ledgerRoutes(), s.namingRoutes(), s.lineRoutes(),
	)
}

func (s *Server) systemRoutes() []route {
	return []route{
		{http.MethodGet, "/healthz", public, s.health},
		{http.MethodGet, "/readyz", public, s.ready},
		{http.MethodGet, "/metrics", public, s.metricsPage},
		{http.MethodGet, "/openapi.json", public, s.openAPI},
		{http.MethodGet, "/docs", public, s.docs},
	}
}

func (s *Server) ogcRoutes() []route {
	return []route{
		{http.MethodGet, "/ogc", public, s.landing},
		{http.MethodGet, "/ogc/conformance", public, s.conformance},
		{http.MethodGet, "/ogc/api", public, s.ogcAPI},
		{http.MethodGet, "/ogc/collections", public, s.collections},
		{http.MethodGet, "/ogc/collections/:id", public, s.collection},
		{http.MethodGet, "/ogc/collections/:id/schema", public, s.schema},
		{http.MethodGet, "/ogc/collections/:id/queryables", public, s.queryables},
		{http.MethodGet, "/ogc/collections/:id/items", public, s.items},
		{http.MethodGet, "/ogc/collections/:id/items/:featureId", public, s.item},
		{http.MethodGet, "/ogc/collections/:id/tiles/WebMercatorQuad/:z/:row/:col", public, s.ogcTile},
		{http.MethodGet, "/tiles/:id/:z/:x/:y", public, s.xyzTile},
	}
}

func (s *Server) sessionRoutes() []route {
	return []route{
		{http.MethodGet, "/api/config", public, s.config},
		{http.MethodPost, "/api/session", public, s.signIn},
		{http.MethodGet, "/api/session", arriving, s.session},
		{http.MethodDelete, "/api/session", public, s.signOut},
		{http.MethodGet, oidcPath, public, s.beginOIDC},
		{http.MethodGet, oidcCallback, public, s.endOIDC},
		{http.MethodPut, "/api/session/password", arriving, s.changePassword},
		{http.MethodPost, "/api/session/confirm", inPerson, s.confirmSession},
		{http.MethodGet, "/api/account/sessions", inPerson, s.ownSessions},
		{http.MethodDelete, "/api/account/sessions", inPerson, s.endOtherSessions},
		{http.MethodDelete, "/api/account/sessions/:id", inPerson, s.ending(s.Gaz.EndOwnSession)},
		{http.MethodGet, "/api/account/tokens", inPerson, s.ownTokens},
		{http.MethodPost, "/api/account/tokens", inPerson, s.createToken},
		{http.MethodDelete, "/api/account/tokens/:id", inPerson, s.ending(s.Gaz.RevokeOwnToken)},
	}
}

func (s *Server) officeRoutes() []route {
	return []route{
		{http.MethodGet, "/api/offices", inPerson, s.offices},
		{http.MethodPost, "/api/offices", inPerson, s.createOffice},
		{http.MethodPost, "/api/offices/successions", inPerson, s.succeedOffices},
		{http.MethodGet, "/api/offices/:id", inPerson, s.office},
		{http.MethodPut, "/api/offices/:id", inPerson, s.changeOffice},
		{http.MethodGet, "/api/offices/:id/quota", inPerson, s.officeQuota},
		{http.MethodPut, "/api/offices/:id/quota", inPerson, s.setOfficeQuota},
		{http.MethodGet, "/api/accounts", inPerson, s.accounts},
		{http.MethodPost, "/api/accounts", inPerson, s.createAccount},
		{http.MethodGet, "/api/accounts/:id", inPerson, s.account},
		{http.MethodPut, "/api/accounts/:id", inPerson, s.changeAccount},
		{http.MethodPost, "/api/accounts/:id/actions", inPerson, s.actOnAccount},
		{http.MethodPost, "/api/accounts/:id/identities", inPerson, s.addIdentity},
		{http.MethodDelete, "/api/accounts/:id/identities/:identityId", inPerson, s.removeIdentity},
		{http.MethodGet, "/api/sessions", inPerson, s.allSessions},
		{http.MethodDelete, "/api/sessions/:id", inPerson, s.ending(s.Gaz.EndSession)},
		{http.MethodGet, "/api/tokens", inPerson, s.allTokens},
		{http.MethodDelete, "/api/tokens/:id", inPerson, s.ending(s.Gaz.RevokeToken)},
	}
}

func (s *Server) recordRoutes() []route {
	return []route{
		{http.MethodGet, "/api/search", public, s.search},
		{http.MethodGet, "/api/suggest", public, s.suggest},
		{http.MethodGet, "/api/reverse", public, s.reverse},
		{http.MethodGet, "/api/divisions", public, s.divisions},
		{http.MethodPost, "/api/divisions/changes", inPerson, s.changeDivisions},
		{http.MethodGet, "/api/divisions/changes/:id/effect", public, s.divisionEffect},
		{http.MethodGet, "/api/divisions/:id", public, s.division},
		{http.MethodGet, "/api/places/:id", public, s.place},
		{http.MethodPut, "/api/places/:id", signedIn, s.correctPlace},
		{http.MethodGet, "/api/place-classes", public, s.placeClasses},
		{http.MethodPost, "/api/places/:id/grade", inPerson, s.gradePlace},
		{http.MethodPost, "/api/places/:id/reading", inPerson, s.approveReading},
		{http.MethodGet, "/api/readings", signedIn, s.unread},
		{http.MethodPost, "/api/places/:id/names", signedIn, s.recordName},
		{http.MethodPut, "/api/places/:id/names/:name", signedIn, s.correctName},
		{http.MethodPost, "/api/places/:id/events", signedIn, s.recordNameEvent},
		{http.MethodPost, "/api/places/:id/twins", signedIn, s.joinTwin},
		{http.MethodPost, "/api/places/:id/twins/:twin/end", signedIn, s.partTwin},
		{http.MethodGet, "/api/name-processes", public, s.nameProcesses},
		{http.MethodGet, "/api/imports", signedIn, s.placeImports},
		{http.MethodPost, "/api/imports", signedIn, s.handInImport},
		{http.MethodGet, "/api/imports/:id", signedIn, s.placeImport},
		{http.MethodPut, "/api/imports/:id", signedIn, s.setImport},
		{http.MethodPost, "/api/imports/:id/actions", signedIn, s.actOnImport},
		{http.MethodGet, "/api/imports/:id/rows", signedIn, s.importRows},
		{http.MethodPost, "/api/imports/:id/decisions", signedIn, s.decideImport},
		{http.MethodGet, "/api/imports/:id/findings.xlsx", signedIn, s.importWorkbook},
		{http.MethodGet, "/api/imports/:id/file", signedIn, s.importFile},
		{http.MethodGet, "/api/audits", signedIn, s.audits},
		{http.MethodPost, "/api/audits", signedIn, s.askAudit},
		{http.MethodGet, "/api/audits/:id", signedIn, s.audit},
		{http.MethodPost, "/api/audits/:id/actions", signedIn, s.actOnAudit},
		{http.MethodGet, "/api/audits/:id/findings", signedIn, s.auditFindings},
		{http.MethodGet, "/api/audits/:id/findings.xlsx", signedIn, s.auditWorkbook},
		{http.MethodPost, "/api/audits/:id/findings/:n/actions", signedIn, s.actOnFinding},
		{http.MethodGet, "/api/withheld", signedIn, s.withheld},
		{http.MethodGet, "/api/precision", public, s.precisions},
		{http.MethodPut, "/api/precision/:layer/:level", inPerson, s.setPrecision},
		{http.MethodGet, "/api/exports/:id", signedIn, s.export},
		{http.MethodGet, "/api/changes", public, s.changes},
		{http.MethodGet, "/api/journal", signedIn, s.history},
	}
}

func (s *Server) ledgerRoutes() []route {
	return []route{
		{http.MethodGet, "/api/ledger/checkpoint", public, s.checkpoint},
		{http.MethodGet, "/api/ledger/key", public, s.ledgerKey},
		{http.MethodGet, "/api/ledger/consistency", public, s.consistency},
		{http.MethodGet, "/api/ledger/entries/:seq/proof", signedIn, s.entryProof},
		{http.MethodGet, "/api/ledger/cosignatures", public, s.cosignatures},
		{http.MethodPost, "/api/ledger/cosignatures", signedIn, s.cosign},
		{http.MethodGet, "/api/ledger/office-keys", public, s.officeKeys},
		{http.MethodPost, "/api/ledger/office-keys", inPerson, s.registerOfficeKey},
		{http.MethodDelete, "/api/ledger/office-keys/:id", inPerson, s.revokeOfficeKey},
	}
}

func (s *Server) namingRoutes() []route {
	return []route{
		{http.MethodPost, "/api/name-checks", signedIn, s.checkName},
		{http.MethodGet, "/api/rule-packs", public, s.packs},
		{http.MethodGet, "/api/rule-packs/:id", signedIn, s.pack},
		{http.MethodGet, "/api/rule-packs/:id/diff", signedIn, s.packDiff},
		{http.MethodGet, "/api/rule-packs/:id/revisions", signedIn, s.packRevisions},
		{http.MethodPost, "/api/rule-packs", signedIn, s.draftPack},
		{http.MethodPut, "/api/rule-packs/:id", signedIn, s.editPack},
		{http.MethodPost, "/api/rule-packs/:id/actions", signedIn, s.actOnPack},
		{http.MethodGet, "/api/word-libraries", signedIn, s.libraries},
		{http.MethodGet, "/api/word-libraries/:id", signedIn, s.library},
		{http.MethodPost, "/api/word-libraries", signedIn, s.addLibrary},
		{http.MethodPost, "/api/word-libraries/:id/words", signedIn, s.changeWords},
		{http.MethodGet, "/api/proposals", signedIn, s.proposals},
		{http.MethodPost, "/api/proposals", signedIn, s.createProposal},
		{http.MethodGet, "/api/proposals/:id", signedIn, s.proposal},
		{http.MethodPost, "/api/proposals/:id/actions", signedIn, s.actOnProposal},
		{http.MethodPost, "/api/proposals/:id/statements", signedIn, s.sayOnProposal},
		{http.MethodGet, "/api/proposals/:id/verdict", signedIn, s.tryPack},
	}
}

func (s *Server) lineRoutes() []route {
	return []route{
		{http.MethodGet, "/api/lines", public, s.lines},
		{http.MethodGet, "/api/lines/:id", public, s.line},
		{http.MethodGet, "/api/lines/:id/marker-table", signedIn, s.markerTable},
		{http.MethodGet, "/api/lines/:id/marker-comparison", signedIn, s.markerComparison},
		{http.MethodGet, "/api/tripoints/:id", public, s.tripoint},
		{http.MethodGet, "/api/fabric", signedIn, s.fabric},
		{http.MethodGet, "/api/fabric/reconciliation", signedIn, s.reconciliation},
		{http.MethodGet, "/api/exclaves", signedIn, s.exclaves},
		{http.MethodPost, "/api/exclaves", signedIn, s.recordExclave},
		{http.MethodPost, "/api/exclaves/:id/end", signedIn, s.endExclave},
		{http.MethodGet, "/api/lines/:id/versions", public, s.lineVersions},
		{http.MethodGet, "/api/lines/:id/nodes", signedIn, s.lineNodes},
		{http.MethodGet, "/api/markers/:id", public, s.marker},
		{http.MethodPost, "/api/markers/:id/grade", inPerson, s.gradeMarker},
		{http.MethodGet, "/api/markers/:id/record", signedIn, s.markerRecord},
		{http.MethodPut, "/api/markers/:id/record", signedIn, s.registerMarkerRecord},
		{http.MethodGet, "/api/markers/:id/record/form", signedIn, s.markerRecordForm},
		{http.MethodPost, "/api/markers/:id/witness-check", signedIn, s.checkWitnesses},
		{http.MethodGet, "/api/markers/:id/work", signedIn, s.workAtMarker},
		{http.MethodGet, "/api/marker-measure-rules", signedIn, s.measureRules},
		{http.MethodPost, "/api/marker-measure-rules", inPerson, s.setMeasureRule},
		{http.MethodGet, "/api/marker-works", signedIn, s.markerWorks},
		{http.MethodPost, "/api/marker-works", signedIn, s.createMarkerWork},
		{http.MethodGet, "/api/marker-works/:id", signedIn, s.markerWork},
		{http.MethodPut, "/api/marker-works/:id", signedIn, s.editMarkerWork},
		{http.MethodPost, "/api/marker-works/:id/actions", signedIn, s.actOnMarkerWork},
		{http.MethodGet, "/api/marker-changes", signedIn, s.markerChanges},
		{http.MethodPost, "/api/marker-changes", signedIn, s.createMarkerChange},
		{http.MethodGet, "/api/marker-changes/:id", signedIn, s.markerChange},
		{http.MethodPut, "/api/marker-changes/:id", signedIn, s.editMarkerChange},
		{http.MethodPost, "/api/marker-changes/:id/actions", signedIn, s.actOnMarkerChange},
		{http.MethodGet, "/api/tracks", signedIn, s.tracks},
		{http.MethodPost, "/api/tracks", signedIn, s.receiveTrack},
		{http.MethodGet, "/api/tracks/:id", signedIn, s.track},
		{http.MethodGet, "/api/tracks/:id/receipt", signedIn, s.trackReceipt},
		{http.MethodGet, "/api/tracks/:id/trace", signedIn, s.trace},
		{http.MethodGet, "/api/tracks/:id/original", signedIn, s.trackOriginal},
		{http.MethodPost, "/api/tracks/:id/actions", signedIn, s.actOnTrack},
		{http.MethodGet, "/api/photos", signedIn, s.photos},
		{http.MethodGet, "/api/photos/:id", signedIn, s.photo},
		{http.MethodGet, "/api/photos/:id/thumbnail", signedIn, s.thumbnail},
		{http.MethodGet, "/api/photos/:id/public-copy", signedIn, s.publicCopy},
		{http.MethodGet, "/api/photos/:id/original", signedIn, s.photoOriginal},
		{http.MethodPut, "/api/submissions/:id", signedIn, s.declareSubmission},
		{http.MethodGet, "/api/submissions/:id", signedIn, s.submission},
		{http.MethodOptions, "/api/uploads", public, s.uploadOptions},
		{http.MethodPost, "/api/uploads", signedIn, s.createUpload},
		{http.MethodGet, "/api/uploads/:id", signedIn, s.upload},
		{http.MethodPatch, "/api/uploads/:id", signedIn, s.continueUpload},
		{http.MethodDelete, "/api/uploads/:id", signedIn, s.dropUpload},
		{http.MethodGet, "/api/uploads/:id/receipt", signedIn, s.uploadReceipt},
		{http.MethodGet, "/api/inspections", signedIn, s.inspections},
		{http.MethodPost, "/api/inspections", signedIn, s.createInspection},
		{http.MethodGet, "/api/inspections/:id", signedIn, s.inspection},
		{http.MethodPost, "/api/inspections/:id/actions", signedIn, s.actOnInspection},
		{http.MethodPut, "/api/inspections/:id/forms/:markerId", signedIn, s.fillMarkerForm},
		{http.MethodGet, "/api/inspections/:id/report", signedIn, s.report},
		{http.MethodGet, "/api/inspections/:id/stretches", signedIn, s.stretches},
		{http.MethodPost, "/api/inspections/:id/stretches", signedIn, s.declareStretch},
		{http.MethodGet, "/api/stretches/:id", signedIn, s.stretch},
		{http.MethodPost, "/api/stretches/:id/actions", signedIn, s.actOnStretch},
		{http.MethodGet, "/api/assignments", signedIn, s.assignments},
		{http.MethodPost, "/api/assignments", signedIn, s.createAssignment},
		{http.MethodPost, "/api/assignments/:id/actions", signedIn, s.actOnAssignment},
		{http.MethodGet, "/api/assignees", signedIn, s.assignees},
		{http.MethodGet, "/api/claims", signedIn, s.claims},
		{http.MethodPost, "/api/claims", signedIn, s.createClaim},
		{http.MethodGet, "/api/claims/:id", signedIn, s.claim},
		{http.MethodPut, "/api/claims/:id", signedIn, s.editClaim},
		{http.MethodPost, "/api/claims/:id/actions", signedIn, s.actOnClaim},
		{http.MethodGet, "/api/disputes", signedIn, s.disputes},
		{http.MethodPost, "/api/disputes", signedIn, s.openDispute},
		{http.MethodGet, "/api/disputes/:id", signedIn, s.dispute},
		{http.MethodPost, "/api/disputes/:id/actions", signedIn, s.actOnDispute},
		{http.MethodGet, "/api/agreements", signedIn, s.agreements},
		{http.MethodPost, "/api/agreements", signedIn, s.createAgreement},
		{http.MethodGet, "/api/agreements/:id", signedIn, s.agreement},
		{http.MethodPut, "/api/agreements/:id", signedIn, s.editAgreement},
		{http.MethodGet, "/api/agreements/:id/effect", signedIn, s.agreementEffect},
		{http.MethodPost, "/api/agreements/:id/actions", signedIn, s.actOnAgreement},
	}
}

// build makes the handler: what every request passes, then the table, then the pages.
func (s *Server) build() http.Handler {
	g := gin.New()
	g.HandleMethodNotAllowed = true
	g.RedirectTrailingSlash = false
	g.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := g.SetTrustedProxies(s.TrustedProxies); err != nil {
		panic(err) // New has read them
	}
	g.Use(s.withRequestID, s.withLog, s.withPace, withCompression, s.withRecovery)
	for _, r := range s.routes {
		r.handle = withKnownParameters(r)
		h := s.handle(r.handle)
		if r.access != public {
			h = s.handle(s.requireActor(r))
		}
		g.Handle(r.method, r.path, h)
		if r.method == http.MethodGet {
			g.Handle(http.MethodHead, r.path, h)
		}
	}
	g.NoMethod(s.handle(s.wrongMethod))
	g.NoRoute(s.handle(s.page))
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(denyCrossOrigin))
	return s.withSecurityHeaders(withoutTrailingSlash(protection.Handler(s.withSessions(g))))
}
