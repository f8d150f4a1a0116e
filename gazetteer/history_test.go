package gazetteer

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// recorded is what the sources write into the journal: verbs, with their noun where it stands beside them, and fields.
type recorded struct {
	verbs  map[string]string // verb or noun/verb → where
	fields map[string]string
}

// TestEveryVerbAndFieldOfTheJournalHasAWord walks the sources that write the journal.
func TestEveryVerbAndFieldOfTheJournalHasAWord(t *testing.T) {
	r := recorded{map[string]string{}, map[string]string{}}
	files, set := sources(t, ".", "../boundary", "../api", "../cmd")
	takers := map[string]int{} // functions that are given a verb → its place among the arguments
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool { findTaker(takers, n); return true })
	}
	for _, f := range files {
		for _, d := range f.Decls {
			r.readDecl(set, d, takers)
		}
	}
	if len(r.verbs) < 40 || len(r.fields) < 30 {
		t.Errorf("found only %d verbs and %d fields: the walk has lost its way", len(r.verbs), len(r.fields))
	}
	for verb, at := range r.verbs {
		known := slices.ContainsFunc(slices.Collect(keysOf(historyVerbs)), func(k string) bool {
			return k == verb || strings.HasSuffix(k, "/"+verb)
		})
		if !known {
			t.Errorf("%s: the verb %q has no word in historyVerbs", at, verb)
		}
	}
	for field, at := range r.fields {
		shown := slices.ContainsFunc(historyFields, func(f struct {
			name string
			word word
		},
		) bool {
			return f.name == field
		})
		if hidden := slices.Contains(historyHidden, field) || field == historyReason; shown == hidden {
			t.Errorf("%s: the field %q is shown %v and hidden %v: give it a word in historyFields, or a place in historyHidden", at, field, shown, hidden)
		}
	}
	for verb, w := range historyVerbs {
		if w[0] == "" || w[1] == "" {
			t.Errorf("%s lacks a word", verb)
		}
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func sources(t *testing.T, roots ...string) ([]*ast.File, *token.FileSet) {
	t.Helper()
	var files []*ast.File
	set := token.NewFileSet()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "web" {
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(set, path, nil, 0)
			files = append(files, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, set
}

func findTaker(takers map[string]int, n ast.Node) {
	name, kind := "", (*ast.FuncType)(nil)
	switch n := n.(type) {
	case *ast.FuncDecl:
		name, kind = n.Name.Name, n.Type
	case *ast.AssignStmt:
		f, isFunc := n.Rhs[0].(*ast.FuncLit)
		if id, named := n.Lhs[0].(*ast.Ident); isFunc && named {
			name, kind = id.Name, f.Type
		}
	}
	if kind == nil {
		return
	}
	at := 0
	for _, field := range kind.Params.List {
		for _, param := range field.Names {
			if param.Name == "verb" {
				takers[name] = at
			}
			at++
		}
	}
}

// recordedStructs are written into the journal whole.
var recordedStructs = []string{"Office", "OfficeView", "AccountChange", "Identity", "NewInspection", "MarkerFormInput"}

// stepTables hold the actions that become verbs.
var stepTables = map[string]string{"proposalSteps": "proposal/", "inspectionSteps": "inspection/", "claimSteps": "claim/", "agreementSteps": "agreement/"}

func (r recorded) readDecl(set *token.FileSet, d ast.Decl, takers map[string]int) {
	writes := false
	ast.Inspect(d, func(n ast.Node) bool {
		at := func() string { return set.Position(n.Pos()).String() }
		switch n := n.(type) {
		case *ast.ValueSpec:
			if noun, ok := stepTables[n.Names[0].Name]; ok {
				for _, step := range n.Values[0].(*ast.CompositeLit).Elts {
					r.verbs[noun+text(step.(*ast.CompositeLit).Elts[1])] = at()
				}
			}
		case *ast.TypeSpec:
			if fields, ok := n.Type.(*ast.StructType); ok && slices.Contains(recordedStructs, n.Name.Name) && !strings.HasPrefix(at(), "../api") {
				r.readStruct(at(), fields)
			}
		case *ast.CallExpr:
			if i, ok := takers[called(n)]; ok && i < len(n.Args) {
				writes = true
				if verb := text(n.Args[i]); verb != "" {
					r.verbs[verb] = at()
				}
			}
		case *ast.CompositeLit:
			if called(n.Type) == "JournalEntry" {
				writes = true
				r.readEntry(at(), n)
			}
			if called(n.Type) == "OpenAction" {
				for _, e := range n.Elts {
					if kv := e.(*ast.KeyValueExpr); called(kv.Key) == "Name" && text(kv.Value) != "" {
						r.verbs[text(kv.Value)] = at()
					}
				}
			}
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { return called(e) == "verb" }) {
				r.readVerbs(at(), n)
			}
		}
		return true
	})
	if writes {
		r.readFields(set, d)
	}
}

func (r recorded) readStruct(at string, fields *ast.StructType) {
	for _, f := range fields.Fields.List {
		if f.Tag == nil {
			continue
		}
		if name, _, _ := strings.Cut(reflect.StructTag(text(f.Tag)).Get("json"), ","); name != "" && name != "-" {
			r.fields[name] = at
		}
	}
}

func (r recorded) readEntry(at string, entry *ast.CompositeLit) {
	noun, verb := "", ""
	for _, e := range entry.Elts {
		kv := e.(*ast.KeyValueExpr)
		switch called(kv.Key) {
		case "Verb":
			verb = text(kv.Value)
		case "Subject":
			value := kv.Value
			for {
				sum, ok := value.(*ast.BinaryExpr)
				if !ok {
					break
				}
				value = sum.X
			}
			noun, _, _ = strings.Cut(text(value), "/")
		}
	}
	if verb != "" {
		r.verbs[strings.TrimPrefix(noun+"/"+verb, "/")] = at
	}
}

// readVerbs reads the texts that may become the verb: those assigned to it, or the values of a table it is looked up in.
func (r recorded) readVerbs(at string, n *ast.AssignStmt) {
	for i, rhs := range n.Rhs {
		if len(n.Lhs) == len(n.Rhs) && called(n.Lhs[i]) != "verb" {
			continue
		}
		if verb := text(rhs); verb != "" {
			r.verbs[verb] = at
		}
		ast.Inspect(rhs, func(n ast.Node) bool {
			if kv, ok := n.(*ast.KeyValueExpr); ok && text(kv.Value) != "" {
				r.verbs[text(kv.Value)] = at
			}
			return true
		})
	}
}

// readFields reads the keys that a function which writes the journal puts into maps.
func (r recorded) readFields(set *token.FileSet, d ast.Decl) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if m, ok := n.Type.(*ast.MapType); ok && called(m.Value) == "any" {
				for _, e := range n.Elts {
					r.fields[text(e.(*ast.KeyValueExpr).Key)] = set.Position(n.Pos()).String()
				}
			}
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if key, ok := lhs.(*ast.IndexExpr); ok && slices.Contains([]string{"after", "before"}, called(key.X)) && text(key.Index) != "" {
					r.fields[text(key.Index)] = set.Position(n.Pos()).String()
				}
			}
		}
		return true
	})
}

// called is the last name of a call, a type or an expression, "" for none.
func called(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		return called(n.Fun)
	case *ast.SelectorExpr:
		return n.Sel.Name
	case *ast.Ident:
		return n.Name
	}
	return ""
}

// text is what a string literal says, "" for everything else.
func text(n ast.Node) string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	said, _ := strconv.Unquote(lit.Value)
	return said
}

func TestHistoryItemShowsWhatHasAWord(t *testing.T) {
	office, unknown := uuid.New(), uuid.New()
	e := HistoryEntry{
		Actor: "system:track.read", Subject: "inspection/1", Verb: "return",
		Before: map[string]any{"state": "confirm", "version": "3", "reportSha256": "ab"},
		After: map[string]any{
			"state": "field", "reason": "漏走一段", "version": "4", "login": "north", "leadOffice": office.String(), "line": unknown.String(),
			"ranges": []any{map[string]any{"fromM": "0", "toM": "5000"}}, "submit": true, "unheard-of": "x",
		},
	}
	got := e.Item(map[uuid.UUID]string{office: "渝北区民政局"}, false)
	var said []string
	for _, c := range got.Changes {
		said = append(said, c.Label+"："+strings.Join(c.Before, "、")+"→"+strings.Join(c.After, "、"))
	}
	want := []string{"状态：confirm→field", "牵头单位：→渝北区民政局", "里程范围（米）：→0–5000", "提交：→是"}
	if !slices.Equal(said, want) || got.Reason != "漏走一段" || got.VerbLabel != "退回外业" || got.Who != "轨迹处理" {
		t.Errorf("got %+v, %v", got, said)
	}
	if in := e.Item(nil, true); in.VerbLabel != "Returned to the field" || in.Who != "Track reader" {
		t.Errorf("in English %+v", in)
	}
}
