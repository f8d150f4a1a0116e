package main

import (
	"strings"
	"testing"

	"fangyu/internal/fault"
)

// TestWhatForbidsIsShown: hundreds of rows may have something worth knowing before the one that keeps the file out.
func TestWhatForbidsIsShown(t *testing.T) {
	found := make([]fault.Finding, maxShown+5)
	for i := range found {
		found[i] = fault.Finding{Code: "no-position", Severity: fault.Info, Detail: "没有坐标"}
	}
	found = append(found, fault.Finding{Code: "renamed", Severity: fault.Block, Detail: "更名须经申报"})
	var out strings.Builder
	printFindings(&out, found)
	first, rest, _ := strings.Cut(out.String(), "\n")
	if first != "  [禁止] 更名须经申报（renamed）" || strings.Count(rest, "没有坐标") != maxShown-1 || !strings.HasSuffix(rest, "  … 另有 6 处\n") {
		t.Errorf("printed:\n%s", out.String())
	}
}
