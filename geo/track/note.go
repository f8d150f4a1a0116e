package track

import (
	"fmt"
	"math"

	"fangyu/internal/fault"
)

// words are the sentence and weight of each code; %s takes what was found.
var words = map[string]struct {
	severity fault.Severity
	detail   string
	lost     bool // something of the file was not read
}{
	"empty_file":              {fault.Block, "文件是空的：请重新导出或重新传送", true},
	"too_large":               {fault.Block, "文件解压后超过 %s 字节，未读取：请分成几个文件上传", true},
	"zip_ratio":               {fault.Block, "压缩文件解压后超过原大小的 %s 倍，有安全风险，未读取：若确是轨迹，请解压后上传", true},
	"too_many_points":         {fault.Block, "点数超过 %s 个，未读取：请分成几个文件上传", true},
	"bad_gzip":                {fault.Block, "压缩文件已损坏或不完整，请重新传送", true},
	"looks_like_html":         {fault.Block, "内容是网页（HTML），可能是登录页面：请重新下载轨迹文件", true},
	"format_not_read":         {fault.Block, "内容是 %s，目前不能作轨迹读取：轨迹请导出为 GPX，现场照片请原样和轨迹一起上传", true},
	"dtd":                     {fault.Block, "文件含文档类型声明（DTD），有安全风险，未读取：请用记录轨迹的软件重新导出，或删去 <!DOCTYPE …> 一段", true},
	"too_deep":                {fault.Block, "元素嵌套超过 %s 层，不像轨迹，有安全风险，未读取：请用记录轨迹的软件重新导出", true},
	"unreadable_position":     {fault.Block, "经纬度像是写反了（纬度 %s）：若调换后正确，请改正文件后重新上传", true},
	"projected_coordinates":   {fault.Block, "坐标像是平面坐标（%s），不是经纬度：请说明坐标系与带号，或导出为经纬度", true},
	"cut":                     {fault.Warning, "文件在这里中断，之前完整的点已读取：请检查是否传送完整", true},
	"malformed_xml":           {fault.Warning, "这里不符合 XML 的写法（%s），之前完整的点已读取：请检查是否传送完整，或重新导出", true},
	"missing_position":        {fault.Warning, "经度或纬度读不出来（%s），这个点未采用", true},
	"bad_position":            {fault.Warning, "坐标“%s”不是有限的数，这个点未采用", true},
	"decimal_comma":           {fault.Warning, "坐标“%s”用了逗号作小数点，这个点未采用：请把小数点改为“.”", true},
	"out_of_range":            {fault.Warning, "坐标 %s 超出经纬度范围，这个点未采用", true},
	"zero_position":           {fault.Warning, "坐标为 0, 0，是没有定位的点，未采用", false},
	"bad_elevation":           {fault.Warning, "高程“%s”不是有限的数，按无高程处理", false},
	"bad_time":                {fault.Warning, "时间“%s”无法识别，按无时间处理", false},
	"no_time":                 {fault.Warning, "全部点都没有时间：只能说明形状，不能证明何时走过", false},
	"time_missing":            {fault.Info, "有的点没有时间，顺序照原样", false},
	"time_without_zone":       {fault.Info, "时间“%s”没有时区，按北京时间（UTC+8）理解，请核对", false},
	"time_backwards":          {fault.Warning, "时间倒退，顺序照原样未排序", false},
	"future_time":             {fault.Warning, "时间 %s 晚于收到的时间", false},
	"teleport":                {fault.Warning, "位置突然跳开又回来，不可能走到，这些点不作为走过的依据（原样保留）", false},
	"repeated_point":          {fault.Info, "与前一点的位置和时间完全相同，只算一处（原样保留）", false},
	"gps_rollover":            {fault.Warning, "时间像是 GPS 周数翻转，早了 1024 周：可能应为 %s", false},
	"two_documents":           {fault.Info, "两个文件连在了一起，都已读取", false},
	"trailing_data":           {fault.Warning, "结束标签之后还有别的内容，未读取", true},
	"nul_tail":                {fault.Info, "文件末尾有空字节，多为设备断电所致，已略去", false},
	"nul_inside":              {fault.Warning, "文件中间有空字节，多为设备断电所致，按空格读取", false},
	"bad_entity":              {fault.Info, "“%s”不是有效的实体引用，照原文保留", false},
	"charset_guessed_gb18030": {fault.Info, "文字不是 UTF-8，按 GB18030 读取，请核对名称", false},
	"charset_unknown":         {fault.Warning, "有的文字无法按 %s 解码，位置不受影响", false},
	"extension_mismatch":      {fault.Info, "扩展名与内容不符，内容是 %s", false},
	"no_track":                {fault.Warning, "文件里没有轨迹点：%s", false},
	"bad_zip":                 {fault.Block, "压缩文件已损坏或不完整，请重新传送", true},
	"zip_entries":             {fault.Block, "压缩包里的文件超过 %s 个，有安全风险，未读取：请分开上传", true},
	"zip_size":                {fault.Block, "压缩包解压后超过 %s 字节，有安全风险，未读取：请分开上传", true},
	"zip_path":                {fault.Block, "压缩包里“%s”的路径越出压缩包，或是链接，有安全风险，未读取：请重新打包", true},
	"zip_nested":              {fault.Block, "压缩包里还有压缩包“%s”，未读取：请解开后分别上传", true},
	"zip_no_track":            {fault.Block, "压缩包里没有能读的轨迹文件（%s）：请放入 GPX、KML、GeoJSON、CSV、NMEA、TCX 或 FIT", true},
	"zip_encrypted":           {fault.Warning, "压缩包里“%s”有密码，未读取：请去掉密码后重新上传", true},
	"zip_several":             {fault.Info, "压缩包里的轨迹文件都已读取，共 %s", false},
	"zip_other_files":         {fault.Info, "压缩包里不是轨迹的文件未读取，共 %s", false},
	"no_position":             {fault.Info, "这里只有时间等记录而没有定位，没有成为点", false},
	"no_geometry":             {fault.Info, "地标“%s”没有坐标", false},
	"network_link_ignored":    {fault.Warning, "网络链接（NetworkLink）没有打开，所指的内容未读取：请把该内容另存后上传", false},
	"overlay_ignored":         {fault.Info, "地面叠加图（GroundOverlay）不是轨迹，未读取", false},
	"polygon_ignored":         {fault.Info, "面（Polygon）不是轨迹，未读取：界线请画成线（LineString）", false},
	"ring_as_line":            {fault.Info, "闭合线（LinearRing）按线读取", false},
	"course_planned":          {fault.Warning, "这是计划路线（Course），时间是推算的，不能证明走过", false},
	"date_only":               {fault.Info, "“%s”只有日期没有时刻，按无时间处理", false},
	"track_unpaired":          {fault.Warning, "轨迹（gx:Track）的时间与坐标个数不等（%s），按先后一一对应，多出的没有对应", false},
	"extra_coordinates":       {fault.Info, "一个点有 %s 个数，只取前三个：经度、纬度、高程", false},
	"no_date":                 {fault.Warning, "时间“%s”没有日期：只能说明形状，不能证明哪一天走过", false},
	"ambiguous_date":          {fault.Warning, "日期“%s”分不清月和日，按无时间处理：请写成 2026-03-01", false},
	"bad_checksum":            {fault.Warning, "语句的校验和不符或语句不完整，未采用", true},
	"estimated_fix":           {fault.Warning, "位置不是实测的（%s），请核对", false},
	"void_fix":                {fault.Info, "没有定位的记录，未采用", false},
	"stray_quote":             {fault.Warning, "这里的引号没有成对，这一行的引号按普通文字读取", false},
	"no_headings":             {fault.Block, "认不出位置在哪些列：请在第一行写列名，例如 经度、纬度、高程、时间，或 北坐标、东坐标", true},
	"headings_guessed":        {fault.Warning, "没有列名：%s读取，请核对", false},
	"axes_swapped":            {fault.Warning, "北坐标与东坐标两列的数值写反了，已按数值大小读取，请核对", false},
	"projected_converted":     {fault.Info, "平面坐标按 CGCS2000 高斯—克吕格投影（%s）换算为经纬度：若是 1954 北京或 1980 西安坐标，请先行转换", false},
	"unsupported_frame":       {fault.Block, "坐标系“%s”不能直接换算到 CGCS2000，未读取：请先转换为 CGCS2000 或 WGS 84 经纬度", true},
	"points_as_waypoints":     {fault.Info, "各行有点名而没有时间，按测点（航点）读取，不是轨迹", false},
	"malformed_fit":           {fault.Warning, "这里不符合 FIT 的写法，之前完整的点已读取：请检查是否传送完整，或重新导出", true},
	"bad_crc":                 {fault.Warning, "文件的校验码（CRC）不符，可能有损坏，读出的点请核对", true},
	"malformed_json":          {fault.Warning, "这里不符合 JSON 的写法（%s），之前完整的点已读取：请检查是否传送完整，或重新导出", true},
	"duplicate_key":           {fault.Warning, "“%s”出现两次，按最后一个读取，请核对", false},
	"times_unpaired":          {fault.Warning, "时间与坐标个数不等（%s），时间未采用", false},
	"no_segment":              {fault.Info, "有轨迹点不在轨迹段（trkseg）之内，已读取", false},
}

// place is where a note points; the zero value is the whole file.
type place struct{ line, column, point int }

// notes gathers findings, one per code.
type notes struct {
	list  []Note
	index map[string]int
}

// add counts the code; the first time it also keeps the sentence, the place and what was found there.
func (n *notes) add(code string, at place, found string) {
	if i, ok := n.index[code]; ok {
		n.list[i].Count++
		return
	}
	w := words[code]
	detail := w.detail
	if containsVerb(detail) {
		detail = fmt.Sprintf(detail, found)
	}
	note := Note{Finding: fault.Finding{Code: code, Severity: w.severity, Detail: detail}, Count: 1}
	note.Line, note.Column, note.Point = at.line, at.column, at.point
	if at.line > 0 {
		note.Pointer = fmt.Sprintf("line %d", at.line)
	}
	if n.index == nil {
		n.index = map[string]int{}
	}
	n.index[code] = len(n.list)
	n.list = append(n.list, note)
}

// once adds a note about the whole file, unless it is there.
func (n *notes) once(code, found string) {
	if !n.has(code) {
		n.add(code, place{}, found)
	}
}

// merge adds the notes of a file within the file; its name goes before what they say.
func (n *notes) merge(name string, list []Note) {
	for _, note := range list {
		if i, ok := n.index[note.Code]; ok {
			n.list[i].Count += note.Count
			if note.Severity == fault.Block {
				n.list[i].Severity = note.Severity
			}
			continue
		}
		note.Detail = shortenPath(name) + "：" + note.Detail
		if n.index == nil {
			n.index = map[string]int{}
		}
		n.index[note.Code] = len(n.list)
		n.list = append(n.list, note)
	}
}

func (n *notes) has(code string) bool {
	_, ok := n.index[code]
	return ok
}

func containsVerb(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '%' && s[i+1] == 's' {
			return true
		}
	}
	return false
}

// state is the State that the notes amount to for a track that holds so much.
func (n *notes) state(holdsSomething bool) State {
	switch {
	case n.has("dtd"), n.has("too_deep"), n.has("zip_ratio"), n.has("zip_size"), n.has("zip_entries"), n.has("zip_path"), n.has("zip_nested"):
		return RefusedDangerous
	case n.has("empty_file"):
		return Empty
	}
	lost := false
	for _, note := range n.list {
		if note.Severity == fault.Block {
			return Unreadable
		}
		lost = lost || words[note.Code].lost
	}
	switch {
	case lost && !holdsSomething:
		return Unreadable
	case lost:
		return PartlyRead
	case len(n.list) > 0:
		return OKWithNotes
	}
	return OK
}

// absent is what stands for an elevation that is not there.
var absent = math.NaN()
