package gazsql

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/gazetteer"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// NamesInFile reads a list of places, with the columns of an import, as the names that others are judged against; no database is asked.
// Whoever has no code lies nowhere in particular. Codes tell province and county.
//
// Errors: those of feature.Open and of its columns; Refused "rows-wrong" with a finding for each row without a name or of no category.
func NamesInFile(source *feature.Source, theirs map[string]string) (*gazetteer.StandingNames, error) {
	columns, err := source.Map(placeColumns, theirs)
	if err != nil {
		return nil, err
	}
	var names []gazetteer.StandingName
	var found []fault.Finding
	for record, err := range source.Records() {
		if err != nil {
			return nil, err
		}
		if record, err = columns.Apply(record); err != nil {
			return nil, err
		}
		field := func(name string) string { return strings.TrimSpace(record.Fields[name]) }
		category, err := gazetteer.ImportedCategory(field("category"))
		if err != nil || field("name") == "" {
			found = append(found, fault.Blocking("row-wrong", fmt.Sprintf("line %d", record.Line), "第 %d 行没有名称，或类别“%s”不对", record.Line, field("category")))
			continue
		}
		n := gazetteer.StandingName{Record: gazetteer.Record{
			PlaceID: uuid.New(), Name: field("name"), Category: category, DivisionName: field("divisionCode"),
			Reading: gazetteer.RomanizeIn(field("name"), category, field("divisionCode")).Reading,
		}, Where: WhereaboutsOf(field("divisionCode"), nil)}
		if record.Geometry != nil {
			at, _ := planar.CentroidArea(record.Geometry)
			n.Where.At = &at
		}
		names = append(names, n)
	}
	if len(found) > 0 {
		return nil, fault.Refuse("rows-wrong", fmt.Sprintf("文件有 %d 行不对：%s", len(found), found[0].Detail), found)
	}
	return gazetteer.NewStandingNames(names, gazetteer.AroundNames{}), nil
}

// WhereaboutsOf is where a division code says that a place is, at a position where one is given.
func WhereaboutsOf(code string, at *orb.Point) gazetteer.Whereabouts {
	w := gazetteer.Whereabouts{At: at}
	if len(code) >= 2 {
		w.Province, w.ProvinceName = code[:2], "省级区划 "+code[:2]
	}
	if len(code) >= 6 {
		w.County, w.CountyName = code[:6], "县级区划 "+code[:6]
	}
	for _, digits := range []int{12, 9, 6, 4, 2} {
		if len(code) >= digits {
			w.Within = append(w.Within, code[:digits])
		}
	}
	return w
}
