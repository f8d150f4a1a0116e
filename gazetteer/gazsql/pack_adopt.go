package gazsql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// PackAction is a step to take with a pack.
type PackAction struct {
	Name     string              // of gazetteer.KeptPack.Open, but edit
	ValidTo  string              // for repeal: the first day on which it holds no more
	Document *gazetteer.Document // for adopt and repeal
}

// DraftPack writes a draft of a pack, with the libraries that come with it and are not there yet. The same draft again, word for word, is
// that draft.
//
// Errors: Forbidden "not-yours" outside the office's jurisdiction; Conflict "pack-there"; Refused "pack-wrong" with all findings.
func (s *Store) DraftPack(ctx context.Context, actor gazetteer.Actor, now time.Time, p gazetteer.Pack) (KnownPack, error) {
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return KnownPack{}, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if err := t.checkDraft(ctx, actor, own, p); err != nil {
			return err
		}
		book, err := t.book(ctx)
		if err != nil {
			return err
		}
		if there, err := book.Pack(p.ID); err == nil && there.State == gazetteer.PackDraft && len(changesOf(there.Pack, p)) == 0 {
			return nil
		}
		tag, err := tx.Exec(ctx, `insert into rule_pack (id, title, region, state, version, office_id) values ($1, $2, $3, 'draft', 1, $4) on conflict do nothing`,
			p.ID, p.Title, p.Region, nilID(actor.OfficeID))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "pack-there", "已有代号为“%s”的规则包：请另取代号；草案请在它的页面修改", p.ID)
		}
		if err := writeRevision(ctx, tx, actor, now, p, 1); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "rule-pack/" + p.ID, Verb: "draft",
			After: map[string]any{"name": p.Title, "region": p.Region, "validFrom": p.ValidFrom, "rules": len(p.Rules)},
		})
	})
	if err != nil {
		return KnownPack{}, err
	}
	return s.Pack(ctx, actor, now, p.ID)
}

// EditPack writes another state of a draft, as it stood at the version.
//
// Errors: NotFound "pack-unknown"; Stale "stale"; Conflict "step-not-open" for what was adopted; those of DraftPack.
func (s *Store) EditPack(ctx context.Context, actor gazetteer.Actor, now time.Time, id string, version int, p gazetteer.Pack) (KnownPack, error) {
	if p.ID != id {
		return KnownPack{}, fault.New(fault.Malformed, "pack-id", "规则包的代号“%s”与地址中的“%s”不同：代号不能改", p.ID, id)
	}
	err := s.onPack(ctx, actor, now, id, version, "edit", func(t *Store, tx pgx.Tx, kept gazetteer.KeptPack, own string) error {
		if err := t.checkDraft(ctx, actor, own, p); err != nil {
			return err
		}
		changes := changesOf(kept.Pack, p)
		if len(changes) == 0 {
			return nil
		}
		if err := writeRevision(ctx, tx, actor, now, p, kept.Version+1); err != nil {
			return err
		}
		if err := changed(ctx, tx, 1, `update rule_pack set title = $2, region = $3, version = version + 1 where id = $1`, id, p.Title, p.Region); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "rule-pack/" + id, Verb: "edit", After: map[string]any{"changes": wordsTold(told(changes))},
		})
	})
	if err != nil {
		return KnownPack{}, err
	}
	return s.Pack(ctx, actor, now, id)
}

// changesOf is what another text of a pack says otherwise, but for the words of libraries, which are kept apart.
func changesOf(was, is gazetteer.Pack) []gazetteer.PackChange {
	was.Libraries, is.Libraries = nil, nil
	return was.Diff(is)
}

// told are changes in words.
func told(changes []gazetteer.PackChange) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

// checkDraft refuses a pack that is wrong in itself, outside the actor's region, or rests on a library that is nowhere.
func (s *Store) checkDraft(ctx context.Context, actor gazetteer.Actor, own string, p gazetteer.Pack) error {
	if !s.open && !gazetteer.KeepsRules(actor, own, p.Region) {
		return fault.New(fault.Forbidden, "not-yours", "规则包由适用地区的民政部门起草：本单位的地区代码以“%s”开头，规则包写的是“%s”", own, p.Region)
	}
	found := p.Check()
	book, err := s.book(ctx)
	if err != nil {
		return err
	}
	for i, r := range p.Rules {
		id := r.Params.Library
		_, unknown := book.Library(id)
		if id != "" && unknown != nil && !slices.ContainsFunc(p.Libraries, func(l gazetteer.Library) bool { return l.ID == id }) {
			found = append(found, fault.Blocking("library-unknown", fmt.Sprintf("/rules/%d/params/library", i), "规则“%s”：没有词库“%s”，请先建立", r.ID, id))
		}
	}
	if len(found) > 0 {
		return fault.Refuse("pack-wrong", fmt.Sprintf("规则包有 %d 处不对：%s", len(found), found[0].Detail), found)
	}
	return nil
}

// ActOnPack adopts a draft, withdraws it, or ends what was adopted, as it stood at the version.
//
// Errors: NotFound "pack-unknown"; Stale "stale"; Forbidden "not-yours", "confirm-identity"; Conflict "step-not-open"; Malformed
// "document-missing", "bad-day"; Refused "pack-wrong" with all findings of gazetteer.Pack.ToAdopt.
func (s *Store) ActOnPack(ctx context.Context, actor gazetteer.Actor, now time.Time, id string, version int, in PackAction) (KnownPack, error) {
	err := s.onPack(ctx, actor, now, id, version, in.Name, func(t *Store, tx pgx.Tx, kept gazetteer.KeptPack, _ string) error {
		switch in.Name {
		case "withdraw":
			return t.turnPack(ctx, tx, actor, now, kept, in, `state = 'withdrawn'`)
		case "adopt":
			book, err := t.book(ctx)
			if err != nil {
				return err
			}
			if found := kept.ToAdopt(book.Adopted(), beijing.Day(now)); len(found) > 0 {
				return fault.Refuse("pack-wrong", fmt.Sprintf("发布前有 %d 处要改：%s", len(found), found[0].Detail), found)
			}
			return t.turnPack(ctx, tx, actor, now, kept, in, `state = 'adopted'`)
		case "repeal":
			if day, err := time.Parse(time.DateOnly, in.ValidTo); err != nil || in.ValidTo <= beijing.Day(now) || in.ValidTo <= kept.ValidFrom || day.Year() > 9999 {
				return fault.New(fault.Malformed, "bad-day", "止日（validTo）应是今天之后、起始 %s 之后的一天，如 2027-01-01，收到“%s”", kept.ValidFrom, in.ValidTo)
			}
			return t.turnPack(ctx, tx, actor, now, kept, in, `ended = @validTo::text::date`)
		}
		return fault.New(fault.Malformed, "action-unknown", "不认识的办理“%s”：可用 adopt、withdraw、repeal", in.Name)
	})
	if err != nil {
		return KnownPack{}, err
	}
	if in.Name == "withdraw" {
		return KnownPack{State: gazetteer.PackWithdrawn, Findings: []fault.Finding{}, Actions: []gazetteer.OpenAction{}}, nil
	}
	return s.Pack(ctx, actor, now, id)
}

// turnPack records that a pack stands otherwise; adopting and ending rest on a paper and bind the person.
func (s *Store) turnPack(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, kept gazetteer.KeptPack, in PackAction, set string) error {
	entry := gazetteer.JournalEntry{At: now, Actor: actor, Subject: "rule-pack/" + kept.ID, Verb: in.Name, After: map[string]any{"name": kept.Title}}
	args := pgx.StrictNamedArgs{"id": kept.ID}
	if in.Name != "withdraw" {
		if err := actor.Confirmed(now); err != nil {
			return err
		}
		if in.Document == nil || strings.TrimSpace(in.Document.Title) == "" || strings.TrimSpace(in.Document.Number) == "" {
			return fault.New(fault.Malformed, "document-missing", "发布和废止规则包须附依据文件的标题和文号")
		}
		in.Document.Kind = "other"
		paper, err := FileDocument(ctx, tx, now, *in.Document)
		if err != nil {
			return err
		}
		entry.Cites = append(entry.Cites, paper)
		if in.Name == "adopt" {
			set, args["paper"] = set+`, document_id = @paper`, paper
		}
	}
	if in.Name == "repeal" {
		args["validTo"] = in.ValidTo
		entry.After = map[string]any{"name": kept.Title, "validTo": in.ValidTo}
	}
	if err := changed(ctx, tx, 1, `update rule_pack set `+set+`, version = version + 1 where id = @id`, args); err != nil {
		return err
	}
	return Record(ctx, tx, entry)
}

// onPack takes a step with a pack in a transaction of its own, when it is open to the actor and the pack stands at the version.
func (s *Store) onPack(ctx context.Context, actor gazetteer.Actor, now time.Time, id string, version int, step string, do func(t *Store, tx pgx.Tx, kept gazetteer.KeptPack, own string) error) error {
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return err
	}
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if step == "adopt" || step == "repeal" { // one at a time: what one found of the others is then still so
			if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.rules'))`); err != nil {
				return fmt.Errorf("lock the rule packs: %w", err)
			}
		}
		if err := lockRow(ctx, tx, "rule_pack", id); err != nil {
			return err
		}
		book, err := t.book(ctx)
		if err != nil {
			return err
		}
		kept, err := book.Pack(id)
		if err != nil {
			return err
		}
		if _, err := kept.Step(step, actor, own); err != nil && !s.open {
			return err
		}
		if err := fresh(kept.Version, version); err != nil {
			return err
		}
		return do(t, tx, kept, own)
	})
}

// ToAdopt finds what stands in the way of adopting a pack that is not in the book yet.
func (s *Store) ToAdopt(ctx context.Context, now time.Time, p gazetteer.Pack) ([]fault.Finding, error) {
	book, err := s.book(ctx)
	if err != nil {
		return nil, err
	}
	return p.ToAdopt(book.Adopted(), beijing.Day(now)), nil
}

// ImportPack is DraftPack for whoever runs the system: it writes a draft or edits the one that is there, and adopts it where that is asked.
// What was adopted and says the same is left as it is; "" is written, "changed", "same" in how.
//
// Errors: those of DraftPack, EditPack and ActOnPack.
func (s *Store) ImportPack(ctx context.Context, actor gazetteer.Actor, now time.Time, p gazetteer.Pack, adopt bool, document gazetteer.Document) (known KnownPack, how string, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return known, "", err
	}
	kept, unknown := book.Pack(p.ID)
	switch {
	case unknown != nil:
		how = "added"
		known, err = s.DraftPack(ctx, actor, now, p)
	case len(changesOf(kept.Pack, p)) == 0:
		how = "same"
		known, err = s.Pack(ctx, actor, now, p.ID)
	default:
		how = "changed"
		known, err = s.EditPack(ctx, actor, now, p.ID, kept.Version, p)
	}
	if err == nil && adopt && known.State == gazetteer.PackDraft {
		how = "adopted"
		known, err = s.ActOnPack(ctx, actor, now, p.ID, known.Version, PackAction{Name: "adopt", Document: &document})
	}
	return known, how, err
}
