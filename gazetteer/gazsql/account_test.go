package gazsql_test

import (
	"context"
	"slices"
	"testing"
	"time"

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
	for code, spoil := range map[string]func(*gazsql.NewAccount){
		"weak-password": func(n *gazsql.NewAccount) { n.Login, n.Password = "new-password", "New-Password" },
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

// TestSignInTakesTheSameTimeForEverybody compares medians of several tries, taken in turn so that the machine's load falls
// on all alike. The bound is loose: without the same work, an unknown account is answered some hundred times faster.
func TestSignInTakesTheSameTimeForEverybody(t *testing.T) {
	o := newOfficeAt(t, gazsql.PasswordCost{})
	ctx := context.Background()
	if _, err := o.store.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: "gone", Name: "x", Password: "a long password", OfficeID: o.actor["clerk"].OfficeID}); err != nil {
		t.Fatal(err)
	}
	gone, err := o.store.AccountByLogin(ctx, importer, "gone")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.store.ActOnAccount(ctx, importer, today, gone.ID, gone.Version, gazsql.AccountAction{Name: "disable", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	const tries = 7
	took := map[string][]time.Duration{}
	for range tries {
		for _, login := range []string{"clerk", "nobody-here", "gone"} {
			password := "not the password"
			if login == "gone" {
				password = "a long password"
			}
			began := time.Now()
			_, err := o.store.SignIn(ctx, login, password)
			took[login] = append(took[login], time.Since(began))
			if !fault.Is(err, "sign-in-failed") || err.Error() != fault.New(fault.Anonymous, "sign-in-failed", "账号或密码不对").Error() {
				t.Fatalf("%s: %v", login, err)
			}
		}
	}
	for login, times := range took {
		slices.Sort(times)
		usual := took["clerk"]
		slices.Sort(usual)
		if ratio := float64(times[tries/2]) / float64(usual[tries/2]); ratio < 0.5 || ratio > 2 {
			t.Errorf("%s is answered in %v, a wrong password in %v", login, times[tries/2], usual[tries/2])
		}
	}
}
