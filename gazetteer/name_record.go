package gazetteer

import (
	"cmp"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// NameKind is what a name is to its place.
type NameKind string

// The kinds.
const (
	StandardName    NameKind = "standard"    // 标准地名
	FormerName      NameKind = "former"      // 曾用名
	AlternativeName NameKind = "alternative" // 别名
	ShortName       NameKind = "short"       // 简称
	RejectedName    NameKind = "rejected"    // 不予采用的名称：可以查到，不得使用
	CustomaryName   NameKind = "customary"   // 俗称
	MinorityName    NameKind = "minority"    // 少数民族语地名
	ForeignName     NameKind = "foreign"     // 外语名
)

// NameKinds lists every kind once.
var NameKinds = []NameKind{StandardName, FormerName, AlternativeName, ShortName, RejectedName, CustomaryName, MinorityName, ForeignName}

// NameRecord is what is recorded of a name of a place, anew or as a correction.
type NameRecord struct {
	Name     string   `json:"name"`
	Kind     NameKind `json:"kind"`
	Language string   `json:"language"`  // zh, bo, mn, en …: a BCP 47 tag of language, script and region
	Spelling string   `json:"spelling"`  // in Latin letters, of a minority or foreign form: never made by us
	Process  string   `json:"process"`   // the id of a Process
	From     string   `json:"validFrom"` // the first day, "" where it is not known
	To       string   `json:"validTo"`   // the first day on which it no longer was; "" while it is
	FromSaid string   `json:"fromSaid"`  // as the source says it, where that is no day
	ToSaid   string   `json:"toSaid"`
	Meaning  string   `json:"meaning"`
	Origin   string   `json:"origin"`
	Reason   string   `json:"reason"`
	Document Document `json:"-"`
}

// Same reports whether the record says the same of the name, whatever the reason and the paper.
func (r NameRecord) Same(as NameRecord) bool {
	r.Reason, r.Document = as.Reason, as.Document
	return r == as
}

// longestName is the length of a name in characters; the longest official one has 25.
const longestName = 60

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)

// Check finds all that is wrong with a name to be recorded on the day, of the kind it had before ("" for a new one). The
// kind standard is given and taken by decided cases only.
func (r NameRecord) Check(before NameKind, today string) []fault.Finding {
	var found []fault.Finding
	if n := utf8.RuneCountInString(r.Name); n == 0 || n > longestName {
		found = append(found, fault.Blocking("bad-name", "/name", "名称应有 1 至 %d 个字", longestName))
	}
	switch {
	case !slices.Contains(NameKinds, r.Kind):
		found = append(found, fault.Blocking("bad-kind", "/kind", "不认识的名称种类“%s”：可用 %s", r.Kind, joined(NameKinds)))
	case (r.Kind == StandardName) != (before == StandardName):
		found = append(found, fault.Blocking("name-by-case", "/kind", "标准地名由命名、更名、销名的申报批准而成，不能在这里设立或改作他用：请办理申报"))
	}
	found = append(found, r.checkLanguage()...)
	found = append(found, r.checkProcess()...)
	found = append(found, checkSaid("/validFrom", r.From, "/fromSaid", r.FromSaid, today)...)
	found = append(found, checkSaid("/validTo", r.To, "/toSaid", r.ToSaid, today)...)
	if r.From != "" && r.To != "" && r.From >= r.To {
		found = append(found, fault.Blocking("bad-span", "/validTo", "停用日期 %s 应晚于启用日期 %s", r.To, r.From))
	}
	if r.Reason == "" {
		found = append(found, fault.Blocking("reason-missing", "/reason", "请写明理由：为什么登记或更正这个名称"))
	}
	return append(found, checkPaper(r.Document)...)
}

// checkLanguage finds what is wrong with the language and with the spelling that belongs to it.
func (r NameRecord) checkLanguage() []fault.Finding {
	own := r.Kind == MinorityName || r.Kind == ForeignName
	switch {
	case !languageTag.MatchString(r.Language):
		return []fault.Finding{fault.Blocking("bad-language", "/language", "语言“%s”不对：请用语言代码，如 zh（汉语）、bo（藏语）、mn-Mong（蒙古文）、en（英语）", r.Language)}
	case own && r.Language == "zh":
		return []fault.Finding{fault.Blocking("bad-language", "/language", "少数民族语地名和外语名不是汉语：请写明它的语言")}
	case !own && r.Language != "zh":
		return []fault.Finding{fault.Blocking("bad-language", "/language", "“%s”的名称种类应是少数民族语地名或外语名", r.Language)}
	case !own && r.Spelling != "":
		return []fault.Finding{fault.Blocking("spelling-unasked", "/spelling", "汉语地名的罗马字母拼写由拼写规则和审定的读音而来，不在这里填写")}
	}
	return nil
}

// checkProcess finds what is wrong with the law the name is kept under: it limits the kinds, and it has a time.
func (r NameRecord) checkProcess() []fault.Finding {
	p, known := ProcessOf(r.Process)
	switch {
	case !known:
		return []fault.Finding{fault.Blocking("bad-process", "/process", "不认识的依据“%s”：可用 %s", r.Process, processIDs())}
	case !slices.Contains(p.Kinds, r.Kind):
		return []fault.Finding{fault.Blocking("not-of-process", "/kind", "依“%s”不会有这种名称：可用 %s，或另选依据", p.Title, joined(p.Kinds))}
	case isDay(r.From) && !p.governed(r.From):
		return []fault.Finding{fault.Blocking("not-in-force", "/process", "%s的施行期间是 %s 至 %s，%s 不在其中：请核对日期或依据",
			p.Title, cmp.Or(p.From, "…"), cmp.Or(p.To, "今"), r.From)}
	}
	return nil
}

// nameKeepers record names other than standard ones, and what befell a name.
var nameKeepers = []Role{Clerk, Editor, Approver}

// KeepsNames reports whether the actor keeps the names of what lies in a division: a clerk, editor or approver of a
// civil-affairs bureau whose jurisdiction covers it.
func KeepsNames(a Actor, l Lineage, division uuid.UUID) bool {
	return a.OfficeKind == "civil-affairs" && a.Has(nameKeepers...) && l.Covers(a.Jurisdiction, division)
}

// NameActions are what the actor can do to a place and its names.
func NameActions(may bool) []OpenAction {
	if !may {
		return nil
	}
	return []OpenAction{
		{Name: "correct-place", Label: "更正地名记录", Needs: []string{"reason", "documents"}},
		{Name: "record-name", Label: "登记名称", Needs: []string{"reason", "documents"}},
		{Name: "record-event", Label: "登记事件", Needs: []string{"documents"}},
		{Name: "join-twin", Label: "并读另一条记录", Needs: []string{"reason", "documents"}},
	}
}

// MayCorrect reports whether an actor who keeps names may correct one of the kind: a clerical error in a standard name is
// corrected by an approver.
func MayCorrect(a Actor, kind NameKind) error {
	if kind == StandardName && !a.Has(Approver) {
		return fault.New(fault.Forbidden, "approver-needed", "标准地名的勘误须由审批人员办理；名称本身要改的，请申报更名")
	}
	return nil
}
