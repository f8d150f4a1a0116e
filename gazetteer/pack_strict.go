package gazetteer

import (
	"reflect"
	"slices"

	"fangyu/internal/fault"
)

// covers reports whether a rule of another pack forbids at least what one of an included pack does from a day on: whatever that is about,
// as long as it holds, and no less by what it looks at. Where that cannot be told by the parameters it says no.
func (r Rule) covers(gone Rule, day string) bool {
	switch {
	case r.Kind != gone.Kind, r.Severity != fault.Block, !r.Confirmed, r.Strength == Should && gone.Strength == Shall:
		return false
	case r.Kind == NumberRule && !hasAll(gone.Params.Words, r.Params.Words): // numbers that mean something
		return false
	case r.ValidFrom > max(day, gone.ValidFrom), r.ValidTo != "" && (gone.ValidTo == "" || r.ValidTo < gone.ValidTo):
		return false
	}
	return isAboutAll(r.Categories, gone.Categories) && isAboutAll(r.Levels, gone.Levels) && hasAll(r.cases(), gone.cases()) &&
		r.comparesAsMuch(gone) && r.Params.looksAtAsMuch(gone.Params)
}

// cases are those in which the rule is asked.
func (r Rule) cases() []string {
	if len(r.Cases) == 0 {
		return []string{"new", "rename", "existing"}
	}
	return r.Cases
}

// comparesAsMuch reports whether a rule that compares with what is on record does so with all that another does.
func (r Rule) comparesAsMuch(gone Rule) bool {
	if !r.Compares() {
		return true
	}
	for _, c := range gone.categories() {
		if !hasAll(r.AgainstOf(c), gone.AgainstOf(c)) {
			return false
		}
	}
	a, b := r.Params, gone.Params
	return slices.Index(Scopes, a.Scope) <= slices.Index(Scopes, b.Scope) && a.Part == b.Part &&
		slices.Index(soundOrder, a.Sound) >= slices.Index(soundOrder, b.Sound)
}

// looksAtAsMuch reports whether parameters find all that others do.
func (q RuleParams) looksAtAsMuch(gone RuleParams) bool {
	return hasAll(q.Prefixes, gone.Prefixes) && hasAll(q.Folds, gone.Folds) && hasAll(q.Alike, gone.Alike) &&
		q.Library == gone.Library && hasAll(q.Words, gone.Words) && narrows(gone.Followed, q.Followed) &&
		(!q.Statement || gone.Statement) &&
		q.Least >= gone.Least && q.SpecificLeast >= gone.SpecificLeast && noMore(q.Most, gone.Most) && noMore(q.SpecificMost, gone.SpecificMost) &&
		q.bounds() == gone.bounds() && (q.Stacked || !gone.Stacked) &&
		hasAll(q.Generic, gone.Generic) && hasAll(q.Preceded, gone.Preceded) && hasAll(gone.Preceded, q.Preceded) &&
		reflect.DeepEqual(q.AnyOf, gone.AnyOf) && hasAll(gone.Near, q.Near) && q.WithinM <= gone.WithinM
}

// bounds reports whether a rule of parts is about how long names are.
func (q RuleParams) bounds() bool { return q.Least+q.Most+q.SpecificLeast+q.SpecificMost > 0 }

// noMore reports whether a most is no more than another, 0 being none.
func noMore(most, gone int) bool { return gone == 0 || most > 0 && most <= gone }

// narrows reports whether a condition, met by one of some words, is met whenever another is; no words are no condition.
func narrows(gone, is []string) bool { return len(is) == 0 || len(gone) > 0 && hasAll(is, gone) }

func hasAll[T comparable](all, some []T) bool {
	return !slices.ContainsFunc(some, func(v T) bool { return !slices.Contains(all, v) })
}

// isAboutAll reports whether all of the second are among the first, where none means any.
func isAboutAll[T comparable](first, second []T) bool {
	return len(first) == 0 || len(second) > 0 && hasAll(first, second)
}
