package gazetteer

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// PackChange is what one pack says otherwise than another: a rule or a word that is new, gone or other, or a field of the pack itself.
type PackChange struct {
	What   string        `json:"what"`            // pack, rule, word
	ID     string        `json:"id"`              // of the pack or the rule; of a word its library and text
	Title  string        `json:"title,omitempty"` // of the rule
	How    string        `json:"how"`             // added, removed, changed
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is a field that is other, as JSON; "" for absent.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Diff tells what another pack says otherwise, rules in the order of both, words by library.
func (p Pack) Diff(other Pack) []PackChange {
	head := func(p Pack) Pack { p.Rules, p.Libraries = nil, nil; return p }
	changes := []PackChange{}
	if fields := fieldsOf(head(p), head(other)); len(fields) > 0 {
		changes = append(changes, PackChange{What: "pack", ID: other.ID, How: "changed", Fields: fields})
	}
	rules := func(p Pack) (ids []string, byID map[string]any) {
		byID = map[string]any{}
		for _, r := range p.Rules {
			r.Pack = ""
			ids, byID[r.ID] = append(ids, r.ID), r
		}
		return ids, byID
	}
	words := func(p Pack) (ids []string, byID map[string]any) {
		byID = map[string]any{}
		for _, l := range p.Libraries {
			for _, w := range l.Words {
				id := l.ID + "/" + w.Text
				ids, byID[id] = append(ids, id), w
			}
		}
		slices.Sort(ids)
		return ids, byID
	}
	for _, of := range []struct {
		what string
		in   func(Pack) ([]string, map[string]any)
	}{{"rule", rules}, {"word", words}} {
		before, was := of.in(p)
		after, is := of.in(other)
		changes = append(changes, compared(of.what, before, after, was, is)...)
	}
	return changes
}

func compared(what string, before, after []string, was, is map[string]any) (changes []PackChange) {
	for _, id := range before {
		switch fields := fieldsOf(was[id], is[id]); {
		case is[id] == nil:
			changes = append(changes, PackChange{What: what, ID: id, Title: titleOf(was[id]), How: "removed"})
		case len(fields) > 0:
			changes = append(changes, PackChange{What: what, ID: id, Title: titleOf(is[id]), How: "changed", Fields: fields})
		}
	}
	for _, id := range after {
		if was[id] == nil {
			changes = append(changes, PackChange{What: what, ID: id, Title: titleOf(is[id]), How: "added"})
		}
	}
	return changes
}

// titleOf is the title of a rule, "" of a word.
func titleOf(v any) string {
	r, _ := v.(Rule)
	return r.Title
}

// fieldsOf are the fields of two values, as JSON has them, that differ; those of params one by one.
func fieldsOf(a, b any) (fields []FieldChange) {
	before, after := flat(a), flat(b)
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			fields = append(fields, FieldChange{name, before[name], after[name]})
		}
	}
	return fields
}

func flat(v any) map[string]string {
	out := map[string]string{}
	text, err := json.Marshal(v)
	if err != nil {
		return out
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return out
	}
	for name, value := range fields {
		var inner map[string]json.RawMessage
		if name == "params" && json.Unmarshal(value, &inner) == nil {
			for k, v := range inner {
				out[name+"."+k] = string(v)
			}
			continue
		}
		out[name] = string(value)
	}
	return out
}

var changeWords = map[string]string{"pack": "规则包", "rule": "规则", "word": "词", "added": "增加", "removed": "减少", "changed": "改动"}

// String tells the change in one line, fields by the names that a file has for them: 改动 规则 CQ-1 不超过六字：severity "review" → "block".
func (c PackChange) String() string {
	text := changeWords[c.How] + " " + changeWords[c.What] + " " + c.ID
	if c.Title != "" {
		text += " " + c.Title
	}
	for i, f := range c.Fields {
		text += map[bool]string{true: "：", false: "；"}[i == 0] + f.Field + " " + cmp.Or(f.From, "–") + " → " + cmp.Or(f.To, "–")
	}
	return text
}
