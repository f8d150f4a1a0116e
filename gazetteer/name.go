package gazetteer

import (
	"slices"
	"strings"
)

// generics are the generic words (通名) by category. Among those that fit the longest wins, so that 土家族苗族自治县 goes
// before 县.
var generics = map[Category][]string{
	DivisionCategory: {
		"特别行政区", "自治区", "自治州", "自治县", "自治旗", "街道办事处", "街道", "地区", "林区", "特区", "新区", "苏木", "民族乡",
		"省", "市", "区", "县", "旗", "盟", "镇", "乡",
	},
	VillageCommittee: {"社区", "村"},
	NaturalVillage:   {},
	Natural: {
		"山脉", "高地", "群岛", "半岛", "水库", "瀑布", "运河", "峡谷", "盆地", "平原", "高原", "沙漠", "草原", "湿地",
		"江", "河", "湖", "海", "洋", "湾", "港", "溪", "沟", "池", "潭", "泉", "山", "岭", "峰", "岩", "洞", "坡", "坪", "坝", "岛", "洲", "滩", "峡", "川", "源", "林", "礁", "淀", "泊", "渠",
	},
	Street: {
		"立交桥", "高速公路", "公路", "大道", "大街", "马路", "胡同", "后街", "直街", "小街", "横街", "步道", "支路", "环路", "环线",
		"道", "路", "街", "巷", "弄", "条", "里", "桥", "线",
	},
	Park:                {"自然保护区", "森林公园", "湿地公园", "地质公园", "国家公园", "风景名胜区", "公园", "广场", "花园", "植物园", "动物园", "陵"},
	ResidentialBuilding: {"广场", "花园", "大厦", "大楼", "公寓", "山庄", "别墅", "小区", "新村", "中心", "家园", "嘉苑", "苑", "园", "城", "府", "庭", "居", "里", "阁", "轩", "邸", "楼", "湾", "村"},
	Facility:            {"国际机场", "机场", "火车站", "车站", "水库", "大桥", "特大桥", "隧道", "码头", "电站", "水电站", "变电站", "枢纽", "立交", "收费站", "站", "港", "桥", "闸", "坝", "堤", "渠"},
	OtherCategory:       {"开发区", "工业园区", "园区", "新区", "广场", "陵"},
}

// SplitName parts a name into the specific (专名) and the generic (通名) by its category. A name that is nothing but a
// generic, or ends in none, is all specific: the generic is empty. Natural villages and small towns keep all in one
// (1984 年拼写规则第三条), so their generic is empty.
func SplitName(name string, c Category) (specific, generic string) {
	best := ""
	for _, g := range generics[c] {
		if len(g) > len(best) && len(g) < len(name) && strings.HasSuffix(name, g) {
			best = g
		}
	}
	return name[:len(name)-len(best)], best
}

// IsGeneric reports whether a word is a generic of the category.
func IsGeneric(word string, c Category) bool { return slices.Contains(generics[c], word) }
