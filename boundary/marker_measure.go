package boundary

import (
	"slices"
	"time"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// MeasureRule is what a measure at a marker counts as on the lines of a level: from a day on, by a document. What is upkeep one side
// does alone; what is repair needs the neighbour there. It is configuration: the regulation does not say what righting a leaning stone
// is, and until somebody says so it counts as repair.
type MeasureRule struct {
	Measure   string // righting: what the others are the regulation says
	Level     string // of the line: province, county or township
	CountsAs  string // upkeep or repair
	ValidFrom time.Time
	Document  gazetteer.Document
}

// The words of rules.
const (
	CountsAsUpkeep = "upkeep"
	CountsAsRepair = "repair"
)

// SetsMeasureRules reports whether the actor sets rules for the lines within his jurisdiction: the civil-affairs bureau above both sides.
func SetsMeasureRules(a gazetteer.Actor) bool {
	return a.System == "" && !ByAssignment(a) && a.OfficeKind == "civil-affairs" && a.Has(gazetteer.Superior)
}

// Check finds all that is wrong with a version of a rule after one that is in force from the day, "" for none.
func (r MeasureRule) Check(newest string) (found []fault.Finding) {
	if r.Measure != Righting {
		found = append(found, fault.Blocking("bad-measure", "/measure", "“%s”算什么由条例规定，不能另定：可另定的只有 righting（扶正）", r.Measure))
	}
	if !slices.Contains([]string{"province", "county", "township"}, r.Level) {
		found = append(found, fault.Blocking("bad-level", "/level", "不认识的级别“%s”：可用 province、county、township", r.Level))
	}
	if r.CountsAs != CountsAsUpkeep && r.CountsAs != CountsAsRepair {
		found = append(found, fault.Blocking("bad-counts-as", "/countsAs", "“%s”不对：可用 upkeep（日常养护，一方办理）、repair（维修，须毗邻一方到场）", r.CountsAs))
	}
	if r.Document.Title == "" || r.Document.Number == "" {
		found = append(found, fault.Blocking("document-missing", "/document/title", "请写明所依据文件的标题和文号"))
	}
	switch from := r.ValidFrom.Format(time.DateOnly); {
	case r.ValidFrom.IsZero():
		found = append(found, fault.Blocking("valid-from-missing", "/validFrom", "请写明从哪天起施行"))
	case from <= newest:
		found = append(found, fault.Blocking("valid-from-early", "/validFrom", "现有规定自 %s 起施行，新的规定须晚于这一天（%s）", newest, from))
	}
	return found
}
