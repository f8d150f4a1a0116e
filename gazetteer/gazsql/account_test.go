package gazsql_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

func TestAccountsThatCannotBe(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	good := gazsql.NewAccount{Login: "new-one", Name: "新账号", Password: "a long password", OfficeID: o.actor["clerk"].OfficeID, Roles: []gazetteer.Role{gazetteer.Clerk}}
	for code, spoil := range map[string]func(*gazsql.NewAccount){
		"bad-login":      func(n *gazsql.NewAccount) { n.Login = "New One" },
		"weak-password":  func(n *gazsql.NewAccount) { n.Password = "口令口令" }, // 12 bytes, 4 characters
		"bad-role":       func(n *gazsql.NewAccount) { n.Roles = []gazetteer.Role{"king"} },
		"office-unknown": func(n *gazsql.NewAccount) { n.OfficeID = uuid.New() },
		"login-taken":    func(n *gazsql.NewAccount) { n.Login = "clerk" },
	} {
		n := good
		spoil(&n)
		if _, err := o.store.CreateAccount(ctx, importer, today, n); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	if _, err := o.store.CreateAccount(ctx, o.actor["clerk"], today, good); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a clerk makes accounts: %v", err)
	}
	if _, err := o.store.CreateOffice(ctx, importer, today, gazsql.Office{Name: "某局", Kind: "bureau"}); !fault.Is(err, "bad-office") {
		t.Errorf("an office of no kind: %v", err)
	}
	first, err := o.store.CreateOffice(ctx, importer, today, gazsql.Office{Name: "忠县民政局", Kind: "civil-affairs"})
	if err != nil || first != o.actor["clerk"].OfficeID {
		t.Errorf("the same office again: %v %v", first, err)
	}
	if _, err := o.store.CreateAccount(ctx, importer, today, good); err != nil {
		t.Error(err)
	}
}
