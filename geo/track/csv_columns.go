package track

import (
	"strings"
)

// csvRole is what a column of a table holds.
type csvRole uint8

const (
	lonColumn csvRole = iota
	latColumn
	northColumn
	eastColumn
	xColumn // north in Chinese surveying, east elsewhere: the numbers tell
	yColumn
	pairColumn // both coordinates, or a point in WKT
	elevationColumn
	epochColumn
	timeColumn
	dateColumn
	weekColumn // of GPS
	secondsOfWeekColumn
	nameColumn
	fixColumn
	satellitesColumn
	hdopColumn
	accuracyColumn
	northAccuracyColumn
	eastAccuracyColumn
	latSideColumn
	lonSideColumn
	meridianColumn
	zoneColumn
	symbolColumn
	descriptionColumn
	segmentColumn
	csvRoles // how many there are
)

// csvHeadings are the words that head a column of each role, folded. Where several columns of a table have the same role
// the word that stands first here wins.
var csvHeadings = map[csvRole]string{
	lonColumn:           "经度 lon longitude lng long 东经 大地经度 gpslongitude longitudee/w loncoord l",
	latColumn:           "纬度 lat latitude 北纬 大地纬度 gpslatitude latituden/s latcoord b",
	northColumn:         "北坐标 北 northing n north 纵坐标 北向 北距 x北 北x xnorth 北坐标x x北坐标 纵坐标x n坐标 坐标n gridnorthing northings",
	eastColumn:          "东坐标 东 easting e east 横坐标 东向 东距 y东 东y yeast 东坐标y y东坐标 横坐标y e坐标 坐标e grideasting eastings",
	xColumn:             "x x坐标 坐标x xcoord xcoordinate pointx coordx gridx 平面x",
	yColumn:             "y y坐标 坐标y ycoord ycoordinate pointy coordy gridy 平面y",
	pairColumn:          "wkt 经纬度 lonlat lnglat latlon latlng latlong 坐标 coordinates coordinate geom geometry thegeom wktgeom location position 位置",
	elevationColumn:     "高程 高程h 高程z 海拔 海拔h elevation ele elev altitude alt 海拔高 海拔高度 高度 大地高 椭球高 正常高 height h z hgt 高 z坐标 h坐标 elevationm altitudemsl ellipsoidalheight ellipsoidheight",
	epochColumn:         "timestampms unixtime unix epoch unixtimestamp unixms epochms timelong 时间戳 utctimestamp timestampunix timens unixseconds epochtime",
	timeColumn:          "utc utctime utcdatetime utc时间 时间utc timeutc 时间 time datetime timestamp dateandtime datetimeutc 日期时间 采集时间 测量时间 定位时间 记录时间 观测时间 北京时间 gpst gpstime gps时间 localtime created createdat recordedat fixtime devicetime 日期和时间 创建时间 点时间 测点时间 when",
	dateColumn:          "utcdate dateutc 日期 date localdate 测量日期 采集日期 观测日期 day utc日期",
	weekColumn:          "gpsweek week gps周 周 周数",
	secondsOfWeekColumn: "tow sow gpstow gpssow secondsofweek 周内秒 周秒 gpsseconds",
	nameColumn:          "点名 名称 name 点号 界桩号 桩号 编号 点位名称 点位 title pointname ptname pointid pointnumber pointno point pt label 标题 站点 测点 地名 city place site station waypoint 标志名称 界桩编号",
	fixColumn:           "解状态 解类型 fix fixtype fixstatus solution solutionstatus solutiontype 定位状态 定位类型 解算状态 解算类型 差分状态 固定解 fixquality gpsfix quality q 状态 status valid 定位质量 rtk状态 rtkstatus fixmode",
	satellitesColumn:    "卫星数 卫星 卫星个数 可用卫星数 使用卫星数 卫星数量 参与解算卫星数 sat sats satellites satellitesused satsused numsat numsats nsat nsats numberofsatellites satellitecount ns sv svs 公共卫星数",
	hdopColumn:          "hdop 水平精度因子 水平dop",
	accuracyColumn:      "水平精度 平面精度 accuracy hacc haccuracy horizontalaccuracy hrms 水平中误差 平面中误差 点位中误差 点位精度 精度 σ sigma sigmam hsigma sigmah 水平σ σh h精度 hrmsm horizontalprecision hprecision epe 水平误差 accuracym rms 水平rms",
	northAccuracyColumn: "sdn σn nrms n精度 北中误差 sigman 北精度 σ北 northrms latsigma x中误差 σx mx",
	eastAccuracyColumn:  "sde σe erms e精度 东中误差 sigmae 东精度 σ东 eastrms lonsigma y中误差 σy my",
	latSideColumn:       "n/s ns半球 纬度半球 latituderef latref latdir lathemisphere gpslatituderef",
	lonSideColumn:       "e/w ew半球 经度半球 longituderef lonref londir lonhemisphere gpslongituderef",
	meridianColumn:      "中央子午线 中央经线 centralmeridian cm l0 中央子午线经度",
	zoneColumn:          "带号 zone zonenumber zoneno 投影带 投影带号 带",
	symbolColumn:        "sym symbol 符号 图标 编码 code 点类型 类型",
	descriptionColumn:   "desc description 备注 说明 描述 remark remarks note notes comment comments annotation 注释",
	segmentColumn:       "tracksegid segment seg trkseg segmentid trackseg 段 段号 轨迹段 track trackid trkid 轨迹 轨迹号 线路 tracfid trackfid",
}

// csvRanks tells of every word its role and its place among the words of that role.
var csvRanks = func() map[string][2]int {
	ranks := map[string][2]int{}
	for role, words := range csvHeadings {
		for i, word := range strings.Fields(words) {
			ranks[word] = [2]int{int(role), i}
		}
	}
	return ranks
}()

// csvColumn is what a heading says: its role, the word's rank, and what stands in brackets or in front of it.
type csvColumn struct {
	role   csvRole
	rank   int
	detail string
}

// csvColumnOf understands a heading; ok is false for one that means nothing to us, a shifted frame among them.
func csvColumnOf(heading string) (c csvColumn, ok bool) {
	word := foldHeading(heading)
	base, detail := word, ""
	if i := strings.IndexAny(word, "([{"); i > 0 {
		base, detail = word[:i], strings.Trim(word[i:], "()[]{}")
	} else if i := strings.IndexByte(word, '/'); i > 0 && csvUnits[word[i+1:]] {
		base, detail = word[:i], word[i+1:]
	}
	if strings.Contains(word, "gcj") || strings.Contains(word, "bd09") || strings.Contains(word, "火星") || strings.Contains(word, "百度") {
		return c, false
	}
	for _, prefix := range []string{"", "wgs84", "wgs", "cgcs2000", "gps", "gnss"} {
		rest, found := strings.CutPrefix(base, prefix)
		if !found {
			continue
		}
		for _, suffix := range csvSuffixes {
			bare, found := strings.CutSuffix(rest, suffix)
			if !found {
				continue
			}
			if r, known := csvRanks[bare]; known {
				return csvColumn{role: csvRole(r[0]), rank: r[1], detail: detail + suffix}.refine(), true
			}
		}
	}
	return c, false
}

// refine lets what stands in brackets decide between north and east.
func (c csvColumn) refine() csvColumn {
	if c.role != xColumn && c.role != yColumn {
		return c
	}
	switch c.detail {
	case "北", "n", "north", "纵", "纵坐标", "北坐标", "northing", "北向":
		c.role = northColumn
	case "东", "e", "east", "横", "横坐标", "东坐标", "easting", "东向":
		c.role = eastColumn
	}
	return c
}

// csvSuffixes are units written at the end of a heading without brackets.
var csvSuffixes = []string{"", "deg", "degrees", "dd", "m", "meters", "metres", "ft", "feet", "米", "度", "wgs84", "cgcs2000", "utc", "gmt"}

var csvUnits = map[string]bool{"m": true, "米": true, "°": true, "度": true, "deg": true, "ft": true}

// foldHeading makes the spellings of a heading one: lower case, half-width, without blanks, dashes and points.
func foldHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch r {
		case ' ', '\t', '_', '-', ':', '.', '#', '*', '"', '%', '\u3000', '\u00a0', '\ufeff':
			return -1
		case '【':
			return '['
		case '】':
			return ']'
		}
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// csvColumns are the columns of a table by their role; -1 where there is none.
type csvColumns struct {
	at     [csvRoles]int
	detail [csvRoles]string
	known  int // headings understood
}

// readHeadings understands a row of headings; ok is false for a row that does not head positions.
func readHeadings(cells []csvCell) (c csvColumns, ok bool) {
	var rank [csvRoles]int
	for i := range c.at {
		c.at[i] = -1
	}
	for i, cell := range cells {
		h, known := csvColumnOf(string(cell.b))
		if !known {
			continue
		}
		c.known++
		if c.at[h.role] < 0 || h.rank < rank[h.role] {
			c.at[h.role], c.detail[h.role], rank[h.role] = i, h.detail, h.rank
		}
	}
	return c, c.positioned() && (c.known >= 2 || c.has(pairColumn))
}

func (c *csvColumns) has(roles ...csvRole) bool {
	for _, r := range roles {
		if c.at[r] < 0 {
			return false
		}
	}
	return true
}

// positioned reports whether some two columns, or one, are a position. Degrees go before metres.
func (c *csvColumns) positioned() bool {
	return c.has(lonColumn, latColumn) || c.has(northColumn, eastColumn) || c.has(xColumn, yColumn) || c.has(pairColumn)
}
