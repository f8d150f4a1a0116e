package feature

import (
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// Columns are the fields a reader of records takes.
type Columns struct {
	Fields  map[string][]string // our field → other headings accepted for it, English and Chinese; its own name always is
	Ignored []string            // headings that are known and not taken
}

// Mapping says which of their headings is which field of ours.
type Mapping struct {
	Ours     map[string]string // their heading → our field
	NotTaken []string          // their headings that are left aside, in their order
}

// lonHeadings and latHeadings are the headings under which tables give positions, folded.
var (
	lonHeadings = foldedSet("lon", "lng", "long", "longitude", "经度", "东经", "x")
	latHeadings = foldedSet("lat", "latitude", "纬度", "北纬", "y")
)

// fold makes headings comparable: case, blanks, underscores and hyphens do not count.
func fold(heading string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "", "\u3000", "").Replace(strings.ToLower(strings.TrimSpace(heading)))
}

func foldedSet(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[fold(w)] = true
	}
	return set
}

// Map matches the headings of s with the known columns. theirs, from --map, goes first: heading → our field, or "-" to
// leave the column aside. A heading that equals a field (case, blanks, _ and - do not count) or one of its synonyms is
// that field.
//
// Errors, all Malformed: "unknown-column" names every heading that is neither known nor mapped, lists the known fields
// and shows how to map; "unknown-field" and "no-such-column" for a --map that names what is not there; "column-twice"
// when two headings are the same field.
func (s *Source) Map(known Columns, theirs map[string]string) (Mapping, error) {
	m := Mapping{Ours: map[string]string{}}
	if err := s.checkMap(known, theirs); err != nil {
		return m, err
	}
	fields := known.byHeading()
	ignored := foldedSet(known.Ignored...)
	taken := map[string]string{} // our field → their heading
	var unknown []string
	for _, heading := range s.Headings {
		ours, mapped := theirs[heading]
		if !mapped {
			ours = fields[fold(heading)]
		}
		switch {
		case ours == "-" || ours == "" && ignored[fold(heading)]:
			m.NotTaken = append(m.NotTaken, heading)
		case ours == "" && fold(heading) == fold(wktHeading):
			// It is the geometry, not a field.
		case ours == "":
			unknown = append(unknown, heading)
		case taken[ours] != "":
			return m, fault.New(fault.Malformed, "column-twice",
				"“%s”和“%s”两列都是 %s：请略去其中一列", taken[ours], heading, ours)
		default:
			taken[ours] = heading
			m.Ours[heading] = ours
		}
	}
	if len(unknown) > 0 {
		return m, fault.New(fault.Malformed, "unknown-column",
			"不认识的列：%s。可用的列：%s。请逐列指定，或略去",
			strings.Join(unknown, "、"), strings.Join(known.Names(), "、"))
	}
	return m, nil
}

// Guess tells for every heading of s which field it is taken for without anybody saying so: "-" where it is known and left
// aside, "" where it is unknown. Of two headings for one field the later is unknown. The geometry of a table is left out.
func (s *Source) Guess(known Columns) map[string]string {
	fields, ignored := known.byHeading(), foldedSet(known.Ignored...)
	guess, taken := map[string]string{}, map[string]bool{}
	for _, heading := range s.Headings {
		ours := fields[fold(heading)]
		switch {
		case fold(heading) == fold(wktHeading):
			continue
		case ours == "" && ignored[fold(heading)]:
			ours = "-"
		case taken[ours]:
			ours = ""
		}
		guess[heading] = ours
		taken[ours] = ours != "" && ours != "-"
	}
	return guess
}

// checkMap refuses a --map that names a column or a field that is not there.
func (s *Source) checkMap(known Columns, theirs map[string]string) error {
	headings := make([]string, 0, len(theirs))
	for heading := range theirs {
		headings = append(headings, heading)
	}
	slices.Sort(headings)
	for _, heading := range headings {
		if !slices.Contains(s.Headings, heading) {
			return fault.New(fault.Malformed, "no-such-column",
				"指定的“%s”不是文件的列。文件的列：%s", heading, strings.Join(s.Headings, "、"))
		}
		ours := theirs[heading]
		if _, ok := known.Fields[ours]; !ok && ours != "-" {
			return fault.New(fault.Malformed, "unknown-field",
				"“%s”指定为 %s：没有这一列。可用的列：%s", heading, ours, strings.Join(known.Names(), "、"))
		}
	}
	return nil
}

// byHeading returns our field for each folded heading. A field's own name goes before another field's synonym.
func (c Columns) byHeading() map[string]string {
	fields := map[string]string{}
	for _, field := range c.Names() {
		for _, synonym := range c.Fields[field] {
			fields[fold(synonym)] = field
		}
	}
	for field := range c.Fields {
		fields[fold(field)] = field
	}
	return fields
}

// Names lists the fields in order.
func (c Columns) Names() []string {
	names := make([]string, 0, len(c.Fields))
	for field := range c.Fields {
		names = append(names, field)
	}
	slices.Sort(names)
	return names
}

// Apply returns the record with its fields under our names; columns not taken are gone. Where a record has no geometry
// but fields "lon" and "lat" of ours (by --map), they become its position; one that is no number is an error as in
// [Source.Records].
func (m Mapping) Apply(r Record) (Record, error) {
	fields := make(map[string]string, len(m.Ours))
	for theirs, ours := range m.Ours {
		fields[ours] = r.Fields[theirs]
	}
	r.Fields = fields
	if r.ID == "" {
		r.ID = strings.TrimSpace(fields["id"])
	}
	if r.Geometry != nil {
		return r, nil
	}
	p, ok, err := position(r.Line, fields["lon"], fields["lat"])
	if ok {
		r.Geometry = p
	}
	return r, err
}
