package gazetteer

import "fangyu/internal/fault"

// Category is the class of a place under the eight items of 《地名管理条例》第三条. 自然村 belongs to item (3) by local law
// and has its own spelling rule, so it stands apart.
type Category string

// The categories.
const (
	Natural             Category = "natural"              // (1) 自然地理实体
	DivisionCategory    Category = "division"             // (2) 行政区划
	VillageCommittee    Category = "village-committee"    // (3) 村民委员会、居民委员会所在地
	NaturalVillage      Category = "natural-village"      // 自然村、集镇
	Park                Category = "park"                 // (4) 城市公园、自然保护地
	Street              Category = "street"               // (5) 街路巷
	ResidentialBuilding Category = "residential-building" // (6) 住宅区、楼宇
	Facility            Category = "facility"             // (7) 交通、水利、电力、通信、气象设施
	OtherCategory       Category = "other"                // (8) 其他
)

// Categories lists every category once.
var Categories = []Category{
	Natural, DivisionCategory, VillageCommittee, NaturalVillage, Park, Street, ResidentialBuilding, Facility, OtherCategory,
}

// ParseCategory reads a category; an unknown word is Malformed "bad-category".
func ParseCategory(s string) (Category, error) {
	for _, c := range Categories {
		if s == string(c) {
			return c, nil
		}
	}
	return "", fault.New(fault.Malformed, "bad-category", "不认识的地名类别“%s”：可用%s", s, categoriesSaid())
}

// LocatedBy says how a place's position is known.
type LocatedBy string

// How a position is known. ByDivision means that no point is known at all.
const (
	BySurvey   LocatedBy = "survey"
	ByMap      LocatedBy = "map"
	ByDivision LocatedBy = "division"
)
