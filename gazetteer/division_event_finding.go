package gazetteer

import (
	"fmt"
	"strconv"

	"fangyu/internal/fault"
)

// changeFindings gathers what is wrong with a change.
type changeFindings []fault.Finding

func (f *changeFindings) say(s fault.Severity, code, at, format string, args ...any) {
	*f = append(*f, fault.Finding{Code: code, Severity: s, Pointer: at, Detail: fmt.Sprintf(format, args...)})
}

func (f *changeFindings) block(code, at, format string, args ...any) {
	f.say(fault.Block, code, at, format, args...)
}

// code reads a code at a place of the description.
func (f *changeFindings) code(at string, code DivisionCode) {
	if _, _, err := ParseCode(string(code)); err != nil {
		f.block("bad-code", at, "行政区划代码“%s”不是 6、9 或 12 位数字", code)
	}
}

func (f changeFindings) list() []fault.Finding { return append([]fault.Finding{}, f...) }

// refusal is the error that carries the findings, nil when none forbids anything.
func (f changeFindings) refusal() error {
	if fault.Worst(f) != fault.Block {
		return nil
	}
	return fault.Refuse("change-refused", "区划变更的描述有问题，没有记录任何内容：请按所列各项改正", f.list())
}

func pointer(list string, i int) string { return "/" + list + "/" + strconv.Itoa(i) }
