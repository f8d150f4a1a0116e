package gazsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// SayOnProposal adds a statement on a finding to the case as it stood at the version given, and judges the name anew with it: what the
// case keeps of that is what everybody may read. A statement of that ID made before is the same statement; it is made once.
//
// Errors: NotFound "proposal-unknown"; Stale "stale"; those of gazetteer.Proposal.Say and CheckName.
func (s *Store) SayOnProposal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.ProposalStatement) (gazetteer.Proposal, error) {
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
		p, err := s.over(tx).heldProposal(ctx, actor, now, id)
		made := func(t gazetteer.ProposalStatement) bool { return t.ID == in.ID }
		if err != nil || slices.ContainsFunc(p.Statements, made) {
			return err
		}
		if p.Version != version {
			return staleProposal(p, version)
		}
		next, err := p.Say(in, actor, now)
		if err != nil {
			return err
		}
		if err := s.over(tx).judge(ctx, actor, now, &next); err != nil {
			return err
		}
		if err := insertStatement(ctx, tx, actor, now, id, len(next.Statements), in); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update proposal set version = @to, findings = @findings, pack_id = @pack where id = @id and version = @from`,
			pgx.StrictNamedArgs{"id": id, "from": version, "to": next.Version, "findings": gazetteer.Publishable(next.Findings), "pack": next.Pack})
		return err
	})
	if err != nil {
		return gazetteer.Proposal{}, err
	}
	return s.Proposal(ctx, actor, now, id)
}

// heldProposal is a case, locked until the end of the transaction.
func (s *Store) heldProposal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (gazetteer.Proposal, error) {
	if _, err := s.db.Exec(ctx, `select from proposal where id = $1 for update`, id); err != nil {
		return gazetteer.Proposal{}, err
	}
	return s.Proposal(ctx, actor, now, id)
}

func staleProposal(p gazetteer.Proposal, seen int) error {
	return fault.New(fault.Stale, "stale", "此件已是第 %d 版，您看到的是第 %d 版：请刷新后再试", p.Version, seen)
}

// insertStatement writes the n-th statement of a case.
func insertStatement(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, proposal uuid.UUID, n int, in gazetteer.ProposalStatement) error {
	_, err := tx.Exec(ctx, `
		insert into proposal_statement (id, proposal_id, n, kind, withdraws, rule, part, reason, office_id, account_id, at)
		values (@id, @proposal, @n, @kind, @withdraws, @rule, @part, @reason, @office, @account, @now)`,
		pgx.StrictNamedArgs{
			"id": in.ID, "proposal": proposal, "n": n, "kind": string(in.Kind), "withdraws": in.Withdraws, "rule": in.Rule, "part": in.Part,
			"reason": in.Reason, "office": actor.OfficeID, "account": actor.AccountID, "now": now,
		})
	if err != nil {
		return fmt.Errorf("record the statement: %w", err)
	}
	verb := string(in.Kind)
	if in.Withdraws {
		verb = "withdraw-" + verb
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "proposal/" + proposal.String(), Verb: verb,
		After: map[string]any{"part": in.Part, "rule": in.Rule, "reason": in.Reason},
	})
}

// statements are what was said in a case, in the order in which it was said.
func (s *Store) statements(ctx context.Context, proposal uuid.UUID) ([]gazetteer.ProposalStatement, error) {
	rows, err := s.db.Query(ctx, `
		select t.id, t.kind, t.withdraws, t.rule, t.part, t.reason, a.name, o.name, t.at
		from proposal_statement t join account a on a.id = t.account_id join office o on o.id = t.office_id
		where t.proposal_id = $1 order by t.n`, proposal)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t gazetteer.ProposalStatement, err error) {
		err = row.Scan(&t.ID, &t.Kind, &t.Withdraws, &t.Rule, &t.Part, &t.Reason, &t.Post, &t.OfficeName, &t.At)
		return t, err
	})
	return orNone(all), err
}
