package gazetteer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"fangyu/internal/fault"
)

// maxPackText bounds the text of a pack in bytes; the reader takes time by the square of what stands in one list.
const maxPackText = 128 << 10

// maxPackDepth is how deep lists may stand in lists in it.
const maxPackDepth = 20

// ParsePack reads a pack from YAML. Errors: Malformed "bad-yaml" with line and column, "pack-too-long"; Refused "pack-wrong" with all findings
// of Check.
func ParsePack(text []byte) (Pack, error) {
	if len(text) > maxPackText {
		return Pack{}, fault.New(fault.Malformed, "pack-too-long", "规则包有 %d KB，最多 %d KB：词多的词库请另用词表导入", len(text)>>10, maxPackText>>10)
	}
	if err := plainYAML(text); err != nil {
		return Pack{}, err
	}
	p, err := KeptPackText(text)
	if err != nil {
		return p, err
	}
	if found := p.Check(); len(found) > 0 {
		return p, fault.Refuse("pack-wrong", fmt.Sprintf("规则包有 %d 处不对：%s", len(found), found[0].Detail), found)
	}
	return p, nil
}

// KeptPackText reads a pack that was checked when it was written; what is asked of packs since then is not asked of it.
//
// Error: Malformed "bad-yaml".
func KeptPackText(text []byte) (p Pack, err error) {
	defer func() {
		if trouble := recover(); trouble != nil { // the reader gives up on a list that is longer than its field takes
			err = fault.New(fault.Malformed, "bad-yaml", "规则包里有一处列表的项数不对：folds 的每一项是两个音，如 [n, l]")
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := d.Decode(&p); err != nil {
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil {
			at := y.GetToken().Position
			return p, fault.Wrap(err, fault.Malformed, "bad-yaml", "规则包第 %d 行第 %d 列：%s", at.Line, at.Column, y.GetMessage())
		}
		return p, fault.Wrap(err, fault.Malformed, "bad-yaml", "规则包不是 YAML：%v", err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return p, fault.New(fault.Malformed, "bad-yaml", "一个文件写一个规则包：“---”之后还有内容")
	}
	for i := range p.Rules {
		p.Rules[i].Pack = p.ID
	}
	return p, nil
}

// plainYAML refuses what a pack needs not and by which a short text stands for a long one or is long to read: what refers to another place,
// and lists within lists within lists.
func plainYAML(text []byte) error {
	if !utf8.Valid(text) {
		return fault.New(fault.Malformed, "bad-yaml", "规则包不是 UTF-8 编码的文字")
	}
	depth, line, onLine := 0, 0, 0
	for _, t := range lexer.Tokenize(string(text)) {
		at := t.Position
		if at.Line != line {
			line, onLine = at.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType:
			return fault.New(fault.Malformed, "bad-yaml", "规则包第 %d 行第 %d 列：不能用“&”“*”“<<”“!”这些写法，请写全", at.Line, at.Column)
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			onLine++
		}
		if depth > maxPackDepth || onLine > maxPackDepth {
			return fault.New(fault.Malformed, "too-deep", "规则包第 %d 行第 %d 列嵌套超过 %d 层：请按接口文档的写法提交", at.Line, at.Column, maxPackDepth)
		}
	}
	return nil
}

// YAML writes a pack as ParsePack reads it.
//
// Error: Malformed "bad-text" for texts that would not be read back as they are.
func (p Pack) YAML() ([]byte, error) {
	text, err := yaml.MarshalWithOptions(p, yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, err
	}
	again, err := KeptPackText(text)
	if err != nil || len(p.Diff(again)) > 0 {
		return nil, fault.Wrap(err, fault.Malformed, "bad-text", "规则包里有写成 YAML 后读回来不一样的文字：请去掉引号、空格和特殊符号后再试")
	}
	return text, nil
}
