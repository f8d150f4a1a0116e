package index

import (
	"encoding/json"
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo/feature"
)

// Days that stand for no limit.
const (
	DayMin = math.MinInt32
	DayMax = math.MaxInt32
)

// Item is one version of one published record. Nobody changes it after it was given to a collection.
type Item struct {
	ID       string
	Bound    orb.Bound    // of the geometry; filled by NewCollection where Located is false and Geometry is not nil
	Located  bool         // whether it has a position at all
	From, To int32        // valid from this day to before that day, days since 1970-01-01 in UTC+8; DayMin, DayMax open
	Geometry orb.Geometry // CGCS2000 degrees; nil where there is no position
	Props    []Prop       // in the order they are written
}

// Prop is a property with its value as it is written.
type Prop struct {
	Name string
	JSON []byte
}

// ValidOn reports whether the item is valid on the day.
func (it *Item) ValidOn(day int32) bool { return it.From <= day && day < it.To }

// Value returns the JSON of a property, nil where there is none.
func (it *Item) Value(name string) []byte {
	for i := range it.Props {
		if it.Props[i].Name == name {
			return it.Props[i].JSON
		}
	}
	return nil
}

// Text returns a property as text: a string without its quotation marks, anything else as its JSON, "" where absent or null.
func (it *Item) Text(name string) string {
	v := it.Value(name)
	if len(v) == 0 || string(v) == "null" {
		return ""
	}
	if v[0] != '"' {
		return string(v)
	}
	return unquoted(v)
}

// unquoted returns the text of a JSON string.
func unquoted(v []byte) string {
	for _, c := range v {
		if c == '\\' {
			var s string
			if json.Unmarshal(v, &s) != nil {
				return string(v)
			}
			return s
		}
	}
	return string(v[1 : len(v)-1])
}

// equals reports whether the JSON value v is the text want: as written, or as the text of a string.
func equals(v []byte, want string) bool {
	switch {
	case len(v) == 0:
		return false
	case string(v) == want:
		return true
	case v[0] != '"':
		return false
	}
	return unquoted(v) == want
}

// AppendFeature appends the item as a GeoJSON feature. An item without a position has the geometry null.
func AppendFeature(dst []byte, it *Item) []byte {
	dst = append(dst, `{"type":"Feature","id":`...)
	dst = feature.AppendString(dst, it.ID)
	dst = append(dst, `,"geometry":`...)
	dst = feature.AppendGeometry(dst, it.Geometry)
	dst = append(dst, `,"properties":{`...)
	for i := range it.Props {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = feature.AppendString(dst, it.Props[i].Name)
		dst = append(dst, ':')
		dst = append(dst, it.Props[i].JSON...)
	}
	return append(dst, "}}"...)
}
