package gazsql_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

// TestPapersOfOneTitleAreTwo: approvals are often called alike; only the same bytes are the same paper.
func TestPapersOfOneTitleAreTwo(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	file := func(number, sha256 string) (id uuid.UUID) {
		err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) (err error) {
			id, err = gazsql.FileDocument(ctx, tx, today, gazetteer.Document{Kind: "approval", Title: "关于界线的批复", Number: number, SHA256: sha256})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	digest := strings.Repeat("a", 64)
	first, second := file("〔2026〕1号", ""), file("〔2026〕2号", "")
	if first == second {
		t.Error("two approvals are one")
	}
	if once, again := file("〔2026〕3号", digest), file("〔2026〕3号", digest); once != again {
		t.Error("the same bytes are two papers")
	}
	var numbers string
	if err := db.Super.QueryRow(ctx, `select string_agg(number, ' ' order by number) from document where id in ($1, $2)`, first, second).Scan(&numbers); err != nil || numbers != "〔2026〕1号 〔2026〕2号" {
		t.Errorf("%q, %v", numbers, err)
	}
}
