package boundary_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// TestACaseAtATripointIsApprovedAboveAllItsLines: a city above two of three counties does not speak for who is above the third.
func TestACaseAtATripointIsApprovedAboveAllItsLines(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	a, b, c, city, next, province := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}, uuid.UUID{5}, uuid.UUID{6}
	l := gazetteer.Lineage{Above: map[uuid.UUID]uuid.UUID{a: city, b: city, c: next, city: province, next: province}}
	lines := [][2]uuid.UUID{{a, b}, {a, c}, {b, c}}
	paper := &gazetteer.Document{Title: "同意移设", Number: "1号", IssuedBy: "民政局", IssuedOn: at}
	for bureau, want := range map[uuid.UUID]string{city: "not-yours", next: "not-yours", province: ""} {
		above := gazetteer.Actor{AccountID: uuid.New(), OfficeKind: "civil-affairs", Jurisdiction: bureau, Roles: []gazetteer.Role{gazetteer.Superior}, ConfirmedAt: at}
		seat := boundary.SeatOn(above, l, lines)
		stands := boundary.MarkerChange{
			State: boundary.ChangeAgreed, Kind: boundary.Relocation, Party: a, Parties: []uuid.UUID{a, b, c}, OverAll: boundary.OverAll(above, l, lines),
		}
		if got := len(stands.OpenActions(above, seat)) > 0; got != (want == "") {
			t.Errorf("%v: open actions: %v", bureau[0], got)
		}
		_, err := stands.Apply(boundary.ChangeAction{Name: "approve", Document: paper}, above, seat, at, "2026-11-24")
		if want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Errorf("%v: %v", bureau[0], err)
		}
	}
}
