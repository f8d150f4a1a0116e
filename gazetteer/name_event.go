package gazetteer

import (
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// NameEventKind is what befell a name.
type NameEventKind string

// NameEventKinds lists every kind once: 命名、更名、销名、批准、备案、公告、普查登记、不予采用、列入保护、文献所载.
var NameEventKinds = []NameEventKind{
	"naming", "renaming", "retirement", "approval", "filing", "announcement", "registration", "rejection", "protection", "mention",
}

// Process is the law, or what else, that a name is kept under. It limits the kinds that such a name may have.
type Process struct {
	ID    string     `json:"id"`
	Title string     `json:"title"`
	From  string     `json:"from"` // the first day it governed, "" for none
	To    string     `json:"to"`   // the first day it no longer did, "" for none
	Kinds []NameKind `json:"kinds"`
}

// processTable and citationTable are dated configuration: what is from memory says so in its note.
var (
	//go:embed processes.csv
	processTable string
	//go:embed citations.csv
	citationTable string
)

// Processes are the processes in the order of the table.
var Processes = sync.OnceValue(func() []Process {
	var all []Process
	for _, row := range tableRows("processes.csv", processTable) {
		p := Process{ID: row[0], Title: row[1], From: row[2], To: row[3]}
		for _, k := range strings.Fields(row[4]) {
			p.Kinds = append(p.Kinds, NameKind(k))
		}
		all = append(all, p)
	}
	return all
})

// ProcessOf finds a process by its id.
func ProcessOf(id string) (Process, bool) {
	i := slices.IndexFunc(Processes(), func(p Process) bool { return p.ID == id })
	if i < 0 {
		return Process{}, false
	}
	return Processes()[i], true
}

// governed reports whether the process governed on a day.
func (p Process) governed(day string) bool {
	return day >= p.From && (p.To == "" || day < p.To)
}

// citationForm is the form that a kind of event asks of its citation.
type citationForm struct {
	pattern *regexp.Regexp
	form    string // as it is asked for
}

// citationForms are the forms by kind and process; one of no process is for all that have none of their own.
var citationForms = sync.OnceValue(func() map[[2]string]citationForm {
	forms := map[[2]string]citationForm{}
	for _, row := range tableRows("citations.csv", citationTable) {
		forms[[2]string{row[0], row[1]}] = citationForm{regexp.MustCompile(row[2]), row[3]}
	}
	return forms
})

// CitationForm is how the citation of a kind of event is asked for; without a process, under all that have no form of their own.
type CitationForm struct {
	Kind    NameEventKind `json:"kind"`
	Process string        `json:"process"`
	Form    string        `json:"form"`
}

// CitationForms are the forms in the order of the table.
func CitationForms() []CitationForm {
	var all []CitationForm
	for _, row := range tableRows("citations.csv", citationTable) {
		all = append(all, CitationForm{NameEventKind(row[0]), row[1], row[3]})
	}
	return all
}

func formOf(kind NameEventKind, process string) (citationForm, bool) {
	for _, p := range []string{process, ""} {
		if f, ok := citationForms()[[2]string{string(kind), p}]; ok {
			return f, true
		}
	}
	return citationForm{}, false
}

// NameEvent is something that befell a name of a place, or the place as a whole.
type NameEvent struct {
	NameID   uuid.UUID // nil: the place as a whole
	Kind     NameEventKind
	Process  string // id
	On       string // a day, 2006-01-02; "" where only OnSaid tells
	OnSaid   string // as the source says it, where that is no day
	Citation string // in the form the kind asks for
	Note     string
	Document Document
}

// Check finds all that is wrong with an event recorded on the day.
func (e NameEvent) Check(today string) []fault.Finding {
	var found []fault.Finding
	if !slices.Contains(NameEventKinds, e.Kind) {
		found = append(found, fault.Blocking("bad-kind", "/kind", "不认识的事件“%s”：可用 %s", e.Kind, joined(NameEventKinds)))
	}
	p, known := ProcessOf(e.Process)
	switch {
	case !known:
		found = append(found, fault.Blocking("bad-process", "/process", "不认识的依据“%s”：可用 %s", e.Process, processIDs()))
	case isDay(e.On) && !p.governed(e.On):
		found = append(found, fault.Blocking("not-in-force", "/process", "%s的施行期间是 %s 至 %s，%s 不在其中：请核对日期或依据",
			p.Title, cmp.Or(p.From, "…"), cmp.Or(p.To, "今"), e.On))
	}
	found = append(found, checkSaid("/on", e.On, "/onSaid", e.OnSaid, today)...)
	if e.On == "" && e.OnSaid == "" {
		found = append(found, fault.Blocking("day-missing", "/on", "请写明日期；只知道大概的，在“原文所记时间”里照原文填写，如“明洪武年间”"))
	}
	if f, ok := formOf(e.Kind, e.Process); ok && !f.pattern.MatchString(e.Citation) {
		found = append(found, fault.Blocking("bad-citation", "/citation", "“%s”不像%s", e.Citation, f.form))
	} else if e.Citation == "" {
		found = append(found, fault.Blocking("citation-missing", "/citation", "请写明出处"))
	}
	return append(found, checkPaper(e.Document)...)
}

// checkSaid finds what is wrong with a day and with what the source says instead of one.
func checkSaid(dayAt, day, saidAt, said, today string) []fault.Finding {
	switch {
	case day != "" && !isDay(day):
		return []fault.Finding{fault.Blocking("bad-day", dayAt, "“%s”不是日期：请写成 2026-11-24；只知道大概的，照原文填在“原文所记时间”里", day)}
	case day > today:
		return []fault.Finding{fault.Blocking("bad-day", dayAt, "%s 还没有到：这里只记已经发生的事", day)}
	case day != "" && said != "":
		return []fault.Finding{fault.Blocking("day-twice", saidAt, "日期与“原文所记时间”只填一项")}
	}
	return nil
}

func checkPaper(d Document) []fault.Finding {
	if strings.TrimSpace(d.Title) == "" {
		return []fault.Finding{fault.Blocking("document-missing", "/document/title", "请写明依据的文件或文献：标题不能为空")}
	}
	return nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func processIDs() string {
	ids := make([]string, len(Processes()))
	for i, p := range Processes() {
		ids[i] = p.ID
	}
	return strings.Join(ids, "、")
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, "、")
}
