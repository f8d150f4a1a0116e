package gazsql_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// TestAnOfficeWitnessesForItselfOnly takes the first wall down: nobody registers, revokes or co-signs for another office,
// not even the bureau above, and nothing that was signed is changed.
func TestAnOfficeWitnessesForItselfOnly(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	_, public, err := note.GenerateKey(rand.Reader, "忠县民政局")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.RegisterOfficeKey(ctx, o.actor["clerk"], today, public); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a clerk registers: %v", err)
	}
	if _, err := o.store.RegisterOfficeKey(ctx, gazetteer.Actor{System: "command"}, today, public); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the system, of no office, registers: %v", err)
	}
	administrator := o.actor["clerk"]
	administrator.Roles = []gazetteer.Role{gazetteer.Administrator}
	contractor := o.actor["outsider"]
	contractor.Roles = administrator.Roles
	if _, err := o.store.RegisterOfficeKey(ctx, contractor, today, public); !fault.Is(err, "not-yours") {
		t.Errorf("a contractor registers: %v", err)
	}
	bureau := o.actor["approver"]
	bureau.Roles = administrator.Roles
	_, err = o.store.RegisterOfficeKey(ctx, bureau, today, public)
	if !fault.Is(err, "office-key-name") || !strings.Contains(err.Error(), "忠县民政局") || !strings.Contains(err.Error(), "重庆市民政局") {
		t.Errorf("the bureau registers a key in another's name: %v", err)
	}
	late := administrator
	late.ConfirmedAt = today.Add(-time.Hour)
	if _, err := o.store.RegisterOfficeKey(ctx, late, today, public); !fault.Is(err, "confirm-identity") {
		t.Errorf("registered without confirmation: %v", err)
	}
	key, err := o.store.RegisterOfficeKey(ctx, administrator, today, public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.Super.Exec(ctx, `insert into checkpoint (size, root, algorithm, note, reason, at) values (1, sha256(''), 'x', 'x', 'asked', now())`); err != nil {
		t.Fatal(err)
	}
	clerk := o.actor["clerk"]
	sign := func(account uuid.UUID) string {
		return `insert into cosignature (id, size, key_id, line, account_id, at) values (gen_random_uuid(), 1, '` + key.ID.String() + `', '— x y', '` + account.String() + `', now())`
	}
	register := func(by gazetteer.Actor) string {
		return `insert into office_key (id, office_id, key, algorithm, registered_at, registered_by)
			values (gen_random_uuid(), '` + clerk.OfficeID.String() + `', gen_random_uuid() || '+1+x', 'ed25519', now(), '` + by.AccountID.String() + `')`
	}
	revoke := func(by gazetteer.Actor) string {
		return `update office_key set revoked_at = now(), revoked_by = '` + by.AccountID.String() + `'`
	}
	for _, who := range []string{"approver", "outsider", "seat-1"} { // the bureau above, and others of the division
		other := o.actor[who]
		if err := o.store.WithoutFirstWall().RevokeOfficeKey(ctx, other, today, key.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s revokes: %v", who, err)
		}
		for _, sql := range []string{register(other), register(clerk), revoke(other), sign(other.AccountID), sign(clerk.AccountID)} {
			if o.changes(t, who, sql) {
				t.Errorf("%s did: %s", who, sql)
			}
		}
		if n := o.count(t, who, "office_key"); n != 1 {
			t.Errorf("%s reads %d keys", who, n)
		}
	}
	if o.changes(t, "clerk", sign(o.actor["approver"].AccountID)) {
		t.Error("signed in another's name")
	}
	if !o.changes(t, "clerk", sign(clerk.AccountID)) {
		t.Error("the office cannot co-sign")
	}
	for _, sql := range []string{
		`update cosignature set line = '— x z'`, `delete from cosignature`, `delete from office_key`, `update office_key set key = 'x'`,
		revoke(o.actor["approver"]),
	} {
		if o.changes(t, "clerk", sql) {
			t.Errorf("the office did: %s", sql)
		}
	}
	if !o.changes(t, "clerk", revoke(clerk)) {
		t.Error("the office cannot revoke")
	}
	for _, sql := range []string{revoke(clerk), `update office_key set revoked_at = null, revoked_by = null`, `delete from cosignature`} {
		if o.changes(t, "clerk", sql) {
			t.Errorf("after it was revoked: %s", sql)
		}
	}
	if o.changes(t, "clerk", sign(clerk.AccountID)) {
		t.Error("signed with a revoked key")
	}
}
