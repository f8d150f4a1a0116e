package gazetteer

import "time"

// Succession says that a division was abolished and another set up in its place with the same territory, so that a list
// made before the day means the successor when it is read after it.
type Succession struct {
	Old, New         DivisionCode
	OldName, NewName string
	On               time.Time
}

// successions are the changes of a whole county-level unit of Chongqing that the lists and maps in use still miss.
// The codes are those of the year-end lists of 民政部 for 2015 and 2017; the days are from memory and stated as such in
// the document of the import.
var successions = []Succession{
	{"500234", "500154", "开县", "开州区", day(2016, 6, 8)},
	{"500228", "500155", "梁平县", "梁平区", day(2016, 11, 24)},
	{"500232", "500156", "武隆县", "武隆区", day(2016, 11, 24)},
}

// SuccessorOf returns the succession of a county-level code.
func SuccessorOf(code DivisionCode) (Succession, bool) {
	for _, s := range successions {
		if s.Old == code {
			return s, true
		}
	}
	return Succession{}, false
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// Canonical returns the code by which a division of a level is found again: 6 digits to county level, 9 for townships,
// 12 for villages, however long the code was written.
func Canonical(code DivisionCode, level Level) (DivisionCode, CodeSystem) {
	long := string(code)
	for len(long) < 12 {
		long += "0"
	}
	switch level {
	case Village:
		return DivisionCode(long), Stat12
	case Township:
		return DivisionCode(long[:9]), GBT10114
	default:
		return DivisionCode(long[:6]), GBT2260
	}
}

// ParentByCode returns the code of the division above, as far as the code itself tells.
func ParentByCode(code DivisionCode, level Level) DivisionCode {
	canonical, _ := Canonical(code, level)
	switch level {
	case Village:
		return canonical[:9]
	case Township:
		return canonical[:6]
	case County:
		return canonical[:2] + "0000"
	case Prefecture:
		return canonical[:2] + "0000"
	}
	return ""
}
