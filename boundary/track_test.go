package boundary_test

import (
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// TestTrackActions walks every state, action and actor: only those of the track's own office who work with tracks may act,
// no token says what frame a track is in, and a round that takes no evidence keeps what it has.
func TestTrackActions(t *testing.T) {
	officer := gazetteer.Actor{AccountID: uuid.New(), OfficeID: uuid.New(), Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	surveyor, keeper, token := officer, officer, officer
	surveyor.Roles, keeper.Roles, token.Token = []gazetteer.Role{gazetteer.Surveyor}, []gazetteer.Role{gazetteer.Archivist}, true
	open := map[boundary.TrackState][]string{
		boundary.TrackHeld: {"confirm-frame", "read-again"}, boundary.TrackMatched: {"confirm-frame", "read-again"},
		boundary.TrackUnreadable: {"read-again"}, boundary.TrackFailed: {"read-again"},
	}
	field, ended := &boundary.Round{State: boundary.InspectionField}, &boundary.Round{State: boundary.InspectionEnded}
	for _, state := range boundary.TrackStates {
		if state.Label() == "" {
			t.Errorf("%s has no word", state)
		}
		for _, action := range []string{"confirm-frame", "read-again", "delete"} {
			has := false
			for _, name := range open[state] {
				has = has || name == action
			}
			for name, c := range map[string]struct {
				actor gazetteer.Actor
				own   bool
				round *boundary.Round
				code  string // where the state has the action
			}{
				"officer": {officer, true, nil, ""}, "surveyor in the field": {surveyor, true, field, ""},
				"stranger": {officer, false, nil, "not-yours"}, "archivist": {keeper, true, nil, "not-yours"},
				"ended": {officer, true, ended, "not-in-field"}, "nobody": {gazetteer.Actor{}, true, nil, "not-yours"},
				"system": {gazetteer.Actor{System: "track.read"}, true, nil, "not-yours"},
			} {
				h := boundary.Handed{State: state, Own: c.own, Round: c.round}
				next, err := h.Apply(boundary.TrackAction{Name: action, Frame: "gcj02", Reason: "核对导出设置"}, c.actor)
				want := c.code
				if !has {
					want = "action-not-open"
				}
				if want == "" && (err != nil || next.State != boundary.TrackReceived || (next.Frame == geo.GCJ02) != (action == "confirm-frame")) || want != "" && (!fault.Is(err, want) || next != h) {
					t.Errorf("%s, %s by %s: %+v, %v, want %q", state, action, name, next, err, want)
				}
				if listed := len(h.OpenActions(c.actor)); (listed == len(open[state])) != (c.code == "" || len(open[state]) == 0) {
					t.Errorf("%s: %d actions open to %s", state, listed, name)
				}
			}
		}
	}
	held := boundary.Handed{State: boundary.TrackHeld, Own: true}
	if _, err := held.Apply(boundary.TrackAction{Name: "confirm-frame", Frame: "gcj02", Reason: "x"}, token); !fault.Is(err, "not-yours") {
		t.Errorf("a token confirms: %v", err)
	}
	for frame, want := range map[string]geo.Frame{"4326": geo.WGS84, "EPSG:4490": geo.WGS84, "BD09": geo.BD09, "3857": "", "": "", "火星": ""} {
		next, err := held.Apply(boundary.TrackAction{Name: "confirm-frame", Frame: frame, Reason: "x"}, officer)
		if want == "" && !fault.Is(err, "bad-frame") || want != "" && (err != nil || next.Frame != want) {
			t.Errorf("frame %q: %q %v", frame, next.Frame, err)
		}
	}
	if _, err := held.Apply(boundary.TrackAction{Name: "read-again"}, officer); !fault.Is(err, "reason-missing") {
		t.Errorf("no reason: %v", err)
	}
}
