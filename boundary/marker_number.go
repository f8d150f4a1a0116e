package boundary

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Placement (设立形式) is how many stones bear one number.
type Placement string

// The placements.
const (
	SingleStone Placement = "single" // 单立
	PairStone   Placement = "pair"   // 同号双立, on both banks or sides
	TripleStone Placement = "triple" // 同号三立, at a confluence
)

// Placements lists every placement once.
var Placements = []Placement{SingleStone, PairStone, TripleStone}

// Label is the placement in Chinese; "" for none.
func (p Placement) Label() string {
	return map[Placement]string{SingleStone: "单立", PairStone: "同号双立", TripleStone: "同号三立"}[p]
}

// StoneSet is the letters of the stones that bear one number, each stone with one of them.
type StoneSet struct {
	Placement Placement
	Letters   string
}

// MarkerScheme (界桩编号规则) says how the markers of the lines of a level are numbered: the code of the line, a serial from
// 1, both with all their digits, and the letter of the stone. The zero value is a scheme that is not known: it keeps every
// number as it was given.
type MarkerScheme struct {
	Name                     string
	LineDigits, SerialDigits int
	// ProvincePairs: the code of the line is the two digits of both provinces, the smaller first.
	ProvincePairs bool
}

// stoneSets are the stones of GB/T 17796, the same at every level.
var stoneSets = []StoneSet{{SingleStone, "Q"}, {PairStone, "AB"}, {TripleStone, "CDE"}}

// markerSchemes are the schemes that are public. Those of county and township lines are set by each province; they come in here
// once an authority gives its own.
var markerSchemes = map[Level]MarkerScheme{
	ProvinceLine: {Name: "gbt17796-province", LineDigits: 4, SerialDigits: 3, ProvincePairs: true}, // 5052014A
}

// MarkerSchemeOf returns the scheme of the lines of a level, the zero scheme where none is known.
func MarkerSchemeOf(level Level) MarkerScheme { return markerSchemes[level] }

// MarkerNumber is a marker number (界桩号) taken apart.
type MarkerNumber struct {
	Number string // without the letter: all stones of a pair or triple have it
	Stone  string // the letter of the stone, "" in the short form that stands on stones: 5052001
	Line   string // the code of the line; "" for a number of no known scheme
	Serial int    // 0 for a number of no known scheme
}

// Full is the number with the letter of its stone, as registers write it.
func (n MarkerNumber) Full() string { return n.Number + n.Stone }

// Placement tells from the letter how many stones bear the number; "" in the short form.
func (n MarkerNumber) Placement() Placement { return setOf(n.Stone).Placement }

func setOf(letter string) StoneSet {
	for _, s := range stoneSets {
		if letter != "" && strings.Contains(s.Letters, letter) {
			return s
		}
	}
	return StoneSet{}
}

// Read takes a marker number apart. A column of its own may give the letter of the stone, or it ends the number. A text
// that has not the form of the scheme is kept as given: markers of other levels, of tripoints and from older agreements
// have numbers of their own. Letters are raised to capitals where the scheme knows the number.
//
// Errors, all Malformed: "marker-number" for none; "marker-serial" for serial 0; "marker-stone" for a letter that is none
// of Q, A, B, C, D, E, or two that contradict each other.
func (s MarkerScheme) Read(text, stone string) (MarkerNumber, error) {
	n := MarkerNumber{Number: strings.TrimSpace(text), Stone: strings.ToUpper(strings.TrimSpace(stone))}
	if n.Number == "" {
		return MarkerNumber{}, fault.New(fault.Malformed, "marker-number", "没有界桩号")
	}
	if line, serial, letter, ok := s.split(strings.ToUpper(n.Number)); ok {
		if n.Serial, _ = strconv.Atoi(serial); n.Serial == 0 {
			return MarkerNumber{}, fault.New(fault.Malformed, "marker-serial", "界桩号 %s 的序号应从 %0*d 起（GB/T 17796）",
				n.Number, s.SerialDigits, 1)
		}
		if letter != "" && n.Stone != "" && letter != n.Stone {
			return MarkerNumber{}, fault.New(fault.Malformed, "marker-stone", "界桩号 %s 与立桩类型 %s 不一致：请核对登记表",
				n.Number, n.Stone)
		}
		n.Line, n.Number, n.Stone = line, line+serial, cmp.Or(letter, n.Stone)
	}
	if n.Stone != "" && (len(n.Stone) != 1 || n.Placement() == "") {
		return MarkerNumber{}, fault.New(fault.Malformed, "marker-stone",
			"立桩类型“%s”不是 Q（单立）、A、B（双立）、C、D、E（三立）之一", n.Stone)
	}
	return n, nil
}

var digitsAndLetter = regexp.MustCompile(`^(\d+)([A-Z]?)$`)

// split takes a number in capitals apart; ok is false where it has not the form of the scheme.
func (s MarkerScheme) split(number string) (line, serial, letter string, ok bool) {
	m := digitsAndLetter.FindStringSubmatch(number)
	if m == nil || s.SerialDigits == 0 || len(m[1]) != s.LineDigits+s.SerialDigits {
		return "", "", "", false
	}
	return m[1][:s.LineDigits], m[1][s.LineDigits:], m[2], true
}

// ParseMarkerNumber splits a marker number of a line whose level nobody said into the number and the letter of its stone: one of
// the form of provincial numbers is taken for such a one. Errors as [MarkerScheme.Read].
func ParseMarkerNumber(text, stone string) (number, letter string, err error) {
	n, err := MarkerSchemeOf(ProvinceLine).Read(text, stone)
	return n.Number, n.Stone, err
}

// Check judges the numbers of the markers of one line together, each stone by itself. Findings come by number:
//
//   - "marker-short" (Block): the short form finds all stones of a number and therefore registers none of them;
//   - "marker-twice" (Block): a stone is there twice;
//   - "marker-set-mixed" (Block): letters of different placements under one number;
//   - "marker-set-incomplete" (Warning): a stone of a pair or triple is missing;
//   - "line-code-order" (Warning): the codes of the provinces do not rise;
//   - "line-code-unknown" (Warning): one of them is no province's.
//
// A number that the scheme does not know is checked for being there twice, and for its set where it has a letter.
func (s MarkerScheme) Check(markers []MarkerNumber) []fault.Finding {
	stones := map[string][]MarkerNumber{}
	var numbers, lines []string
	for _, n := range markers {
		if stones[n.Number] == nil {
			numbers = append(numbers, n.Number)
		}
		stones[n.Number] = append(stones[n.Number], n)
		if n.Line != "" && !slices.Contains(lines, n.Line) {
			lines = append(lines, n.Line)
		}
	}
	slices.Sort(numbers)
	slices.Sort(lines)
	var findings []fault.Finding
	for _, code := range lines {
		findings = append(findings, s.checkLine(code)...)
	}
	for _, number := range numbers {
		findings = append(findings, checkStones(stones[number])...)
	}
	return findings
}

// checkLine judges the code of a line.
func (s MarkerScheme) checkLine(code string) []fault.Finding {
	if !s.ProvincePairs {
		return nil
	}
	a, b := code[:2], code[2:]
	for _, p := range []string{a, b} {
		if Abbreviation(gazetteer.DivisionCode(p)) == "" {
			return []fault.Finding{numberFinding("line-code-unknown", fault.Warning, code,
				fmt.Sprintf("界线编码 %s 中的 %s 不是省级行政区划代码（GB/T 2260）：请核对协议书", code, p))}
		}
	}
	if a >= b {
		return []fault.Finding{numberFinding("line-code-order", fault.Warning, code,
			fmt.Sprintf("界线编码 %s 的两省代码应由小到大：请核对是否应为 %s%s", code, b, a))}
	}
	return nil
}

// checkStones judges the stones that bear one number.
func checkStones(stones []MarkerNumber) []fault.Finding {
	number, known := stones[0].Number, stones[0].Serial != 0
	var have string // letters, each once
	var findings []fault.Finding
	placements := map[Placement]bool{}
	seen := map[string]bool{}
	for _, n := range stones {
		if seen[n.Stone] {
			findings = append(findings, numberFinding("marker-twice", fault.Block, n.Full(), fmt.Sprintf("界桩 %s 出现两次：请删去一个或改正其编号", n.Full())))
			continue
		}
		seen[n.Stone] = true
		if n.Stone != "" {
			have += n.Stone
			placements[n.Placement()] = true
		} else if known {
			findings = append(findings, numberFinding("marker-short", fault.Block, number,
				fmt.Sprintf("界桩号 %s 没有立桩类型：请补上 Q（单立）、A、B（双立）或 C、D、E（三立）；简写只用于查询", number)))
		}
	}
	if len(placements) > 1 {
		return append(findings, numberFinding("marker-set-mixed", fault.Block, number,
			fmt.Sprintf("界桩号 %s 下有不同设立形式的桩（%s）：一个编号只能是单立、双立或三立之一", number, have)))
	}
	if have == "" {
		return findings
	}
	set := setOf(have[:1])
	var missing []string
	for _, letter := range set.Letters {
		if !strings.ContainsRune(have, letter) {
			missing = append(missing, number+string(letter))
		}
	}
	if len(missing) > 0 {
		findings = append(findings, numberFinding("marker-set-incomplete", fault.Warning, number,
			fmt.Sprintf("%s界桩 %s 不全：缺 %s", set.Placement.Label(), number, strings.Join(missing, "、"))))
	}
	return findings
}

func numberFinding(code string, severity fault.Severity, id, detail string) fault.Finding {
	return fault.Finding{
		Code: code, Severity: severity, Detail: detail, Clause: "GB/T 17796",
		Evidence: []fault.Evidence{{Kind: "marker", ID: id, Name: id}},
	}
}

// PlacedMarker is a marker and where it stands along its line, in metres from the start.
type PlacedMarker struct {
	MarkerNumber
	ChainageM float64
}

// SortAlong puts markers in the order of the line: by chainage, at one place by number and letter, never by serial. A marker
// that was added later between two others may have any serial; where serials fall along the line the finding
// "serial-order" (Info) says so.
func SortAlong(markers []PlacedMarker) []fault.Finding {
	slices.SortStableFunc(markers, func(a, b PlacedMarker) int {
		return cmp.Or(cmp.Compare(a.ChainageM, b.ChainageM), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Stone, b.Stone))
	})
	var findings []fault.Finding
	var last *PlacedMarker
	for i := range markers {
		m := &markers[i]
		if m.Serial == 0 {
			continue
		}
		if last != nil && m.Line == last.Line && m.Serial < last.Serial {
			findings = append(findings, numberFinding("serial-order", fault.Info, m.Full(),
				fmt.Sprintf("沿界线方向，界桩 %s（里程 %.0f 米）在 %s（里程 %.0f 米）之后，序号却较小：增设的界桩可以如此，否则请核对",
					m.Full(), m.ChainageM, last.Full(), last.ChainageM)))
		}
		last = m
	}
	return findings
}
