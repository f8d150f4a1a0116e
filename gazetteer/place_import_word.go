package gazetteer

import "strings"

// categoryWords are what lists call the categories: 《地名管理条例》第三条 item by item, and as our pages do.
var categoryWords = map[Category][]string{
	Natural:             {"自然地理实体"},
	DivisionCategory:    {"行政区划"},
	VillageCommittee:    {"村民委员会、居民委员会所在地", "村民委员会所在地", "居民委员会所在地", "村（居）民委员会驻地", "村民委员会驻地", "居民委员会驻地", "村委会驻地", "居委会驻地"},
	NaturalVillage:      {"自然村", "集镇", "自然村、集镇"},
	Park:                {"城市公园、自然保护地", "城市公园", "自然保护地", "开发区、园区"},
	Street:              {"街路巷", "街", "路", "巷"},
	ResidentialBuilding: {"住宅区、楼宇", "住宅区", "楼宇"},
	Facility:            {"交通运输、水利、电力、通信、气象等设施", "交通运输设施", "水利设施", "电力设施", "通信设施", "气象设施", "设施"},
	OtherCategory:       {"其他地理实体", "其他"},
}

// categoriesSaid lists the categories as people and programs may write them.
func categoriesSaid() string {
	said := make([]string, len(Categories))
	for i, c := range Categories {
		said[i] = categoryWords[c][0] + "（" + string(c) + "）"
	}
	return strings.Join(said, "、")
}

// locatedWords are what lists and our pages call the ways of locating.
var locatedWords = map[LocatedBy][]string{BySurvey: {"实测"}, ByMap: {"图上", "图上量取"}, ByDivision: {"仅到行政区划"}}

// Said is a value of a field for people: the Chinese word where the field has words.
func Said(field, value string) string {
	words := categoryWords[Category(value)]
	if field == "locatedBy" {
		words = locatedWords[LocatedBy(value)]
	}
	if (field == "category" || field == "locatedBy") && words != nil {
		return words[0]
	}
	return value
}

// ImportedCategory reads the category of a row: our word for it, or one that lists have; widths and blanks do not count.
//
// Errors: those of ParseCategory.
func ImportedCategory(text string) (Category, error) {
	c, err := ParseCategory(strings.TrimSpace(text))
	if err == nil {
		return c, nil
	}
	said := strings.TrimSuffix(strings.TrimPrefix(Fold(text), "具有重要地理方位意义的"), "名称")
	if c, known := categoryByWord[said]; known {
		return c, nil
	}
	return "", err
}

// ImportedLocatedBy reads how a row says that it is located; what is no word of ours comes back as it is.
func ImportedLocatedBy(text string) LocatedBy {
	if by, known := locatedByWord[Fold(text)]; known {
		return by
	}
	return LocatedBy(strings.TrimSpace(text))
}

var (
	categoryByWord = byWord(categoryWords)
	locatedByWord  = byWord(locatedWords)
)

func byWord[K comparable](words map[K][]string) map[string]K {
	keys := map[string]K{}
	for key, all := range words {
		for _, word := range all {
			keys[Fold(word)] = key
		}
	}
	return keys
}
