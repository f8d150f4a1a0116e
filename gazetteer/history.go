package gazetteer

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// HistoryEntry is an entry of the journal as it was gathered, with the words of the records it names.
type HistoryEntry struct {
	Seq           int64
	At            time.Time
	Actor         string // as Actor.Key wrote it
	Post          string // of an account: its office and post; "" for the system
	Subject, Verb string
	Before, After map[string]any // read with json.Decoder.UseNumber; nil for none
	Cites         []HistoryCite
}

// HistoryCite names a document that an entry rests on.
type HistoryCite struct {
	Title  string `json:"title"`
	Number string `json:"number"`
}

// HistoryItem is one line of the history of a record (办理记录), in the words of the reader.
type HistoryItem struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	Who       string          `json:"who"` // office and post, never a login
	Verb      string          `json:"verb"`
	VerbLabel string          `json:"verbLabel"`
	Changes   []HistoryChange `json:"changes"`
	Cites     []HistoryCite   `json:"cites"`
	Reason    string          `json:"reason"`
}

// HistoryChange is what became of one field. Values are texts, several where the field holds a list, and nil for none.
type HistoryChange struct {
	Field  string   `json:"field"`
	Label  string   `json:"label"`
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// word is one thing in Chinese and in English.
type word [2]string

func (w word) in(english bool) string {
	if english {
		return w[1]
	}
	return w[0]
}

// historyVerbs are the words of every verb the journal knows, by noun and verb.
var historyVerbs = map[string]word{
	"account/create":             {"开设账号", "Account made"},
	"account/change":             {"变更账号", "Account changed"},
	"account/disable":            {"停用账号", "Account disabled"},
	"account/enable":             {"启用账号", "Account enabled"},
	"account/reset-password":     {"重设密码", "Password reset"},
	"account/change-password":    {"修改密码", "Password changed"},
	"account/sign-in":            {"登录", "Signed in"},
	"account/end-session":        {"结束一次登录", "Session ended"},
	"account/end-sessions":       {"结束全部登录", "All sessions ended"},
	"account/end-other-sessions": {"结束其他登录", "Other sessions ended"},
	"account/add-identity":       {"登记统一身份", "Identity recorded"},
	"account/remove-identity":    {"取消统一身份", "Identity removed"},
	"agreement/create":           {"起草协议书", "Agreement drafted"},
	"agreement/edit":             {"修改协议书", "Agreement edited"},
	"agreement/propose":          {"提交对方", "Proposed to the other side"},
	"agreement/confirm":          {"确认协议内容", "Content confirmed"},
	"agreement/take-back":        {"收回修改", "Taken back"},
	"agreement/object":           {"提出异议", "Objected to"},
	"agreement/withdraw":         {"撤回协议书", "Agreement withdrawn"},
	"agreement/sign":             {"登记已签订的协议书", "Signed agreement registered"},
	"agreement/approve":          {"批准并公布", "Approved and published"},
	"agreement/return":           {"退回重议", "Returned"},
	"assignment/assign":          {"下达任务", "Assigned"},
	"assignment/end":             {"结束任务", "Assignment ended"},
	"audit/ask":                  {"开始质量检查", "Quality audit begun"},
	"audit/cancel":               {"停止质量检查", "Quality audit stopped"},
	"audit/set-aside":            {"检查结果标记为看过", "Finding set aside"},
	"audit/bring-back":           {"检查结果重新列出", "Finding brought back"},
	"claim/create":               {"起草主张", "Claim drafted"},
	"claim/edit":                 {"修改主张", "Claim edited"},
	"claim/send":                 {"报送上级", "Sent to the bureau above"},
	"claim/withdraw":             {"撤回主张", "Claim withdrawn"},
	"claim/exchange":             {"交换双方主张", "Claims exchanged"},
	"demo/begin":                 {"开始载入示例", "Demo begun"},
	"demo/done":                  {"载入示例完毕", "Demo loaded"},
	"dispute/open":               {"立案", "Opened"},
	"dispute/minute":             {"登记协商纪要", "Minutes recorded"},
	"dispute/agree":              {"协议解决", "Settled by an agreement"},
	"dispute/settle":             {"登记上级裁决", "Settled by decision"},
	"dispute/withdraw":           {"撤回争议", "Dispute withdrawn"},
	"dispute/hand-over":          {"随区划变更移交", "Handed over by a change of divisions"},
	"division/establish":         {"设立", "Set up"},
	"division/end":               {"撤销", "Abolished"},
	"division/change":            {"变更", "Changed"},
	"division/record-exclave":    {"登记飞地", "Exclave recorded"},
	"division/end-exclave":       {"终止飞地登记", "Exclave record ended"},
	"division-change/record":     {"记录区划变更", "Change of divisions recorded"},
	"export/export":              {"导出", "Exported"},
	"export/refuse":              {"拒绝导出", "Export refused"},
	"export/finish":              {"导出完毕", "Export sent"},
	"export/break-off":           {"导出中断", "Export broken off"},
	"import/import":              {"导入", "Imported"},
	"import/derive":              {"推算界线", "Lines derived"},
	"inspection/create":          {"下达联检", "Inspection ordered"},
	"inspection/start":           {"启动外业", "Field work begun"},
	"inspection/fill-form":       {"填写界桩登记表", "Marker form filled in"},
	"inspection/finish-field":    {"外业结束", "Field work finished"},
	"inspection/compile":         {"编制联检报告", "Report compiled"},
	"inspection/return":          {"退回外业", "Returned to the field"},
	"inspection/sign":            {"签字", "Signed"},
	"inspection/void":            {"报告失效，签字作废", "Report and signatures voided"},
	"inspection/end":             {"终止联检", "Inspection ended"},
	"line/begin":                 {"界线设立", "Line begun"},
	"line/end":                   {"界线终止", "Line ended"},
	"line/pass":                  {"界线由另一条承接", "Line passed into another"},
	"line/change-status":         {"法律地位改变", "Legal status changed"},
	"line/enact":                 {"界线生效", "Line in force"},
	"line/register":              {"登记界线", "Line registered"},
	"line/revise":                {"修订界线", "Line revised"},
	"marker/grade":               {"定密级", "Graded"},
	"marker/register-record":     {"登记界桩登记表", "Marker record registered"},
	"marker/correct-record":      {"更正界桩登记表", "Marker record corrected"},
	"marker/addition":            {"增设", "Added"},
	"marker/relocation":          {"移设", "Relocated"},
	"marker/retirement":          {"报废", "Retired"},
	"marker/change-state":        {"界桩状态改变", "State of the marker changed"},
	"marker-form/fill":           {"填写界桩登记表", "Marker form filled in"},
	"marker-work/create":         {"起草维护记录", "Record of work drafted"},
	"marker-work/edit":           {"修改维护记录", "Record of work edited"},
	"marker-work/submit":         {"提交维护记录", "Record of work submitted"},
	"marker-work/confirm":        {"到场确认", "Presence confirmed"},
	"marker-work/refuse":         {"不予确认", "Not confirmed"},
	"marker-work/record":         {"登记入档", "Put on record"},
	"marker-work/refuse-record":  {"登记被拒：缺毗邻一方确认", "Not put on record: the neighbour is missing"},
	"marker-work/withdraw":       {"撤回维护记录", "Record of work withdrawn"},
	"office/create":              {"设立单位", "Office made"},
	"office/change":              {"变更单位", "Office changed"},
	"office/register-key":        {"登记会签公钥", "Co-signing key registered"},
	"office/revoke-key":          {"撤销会签公钥", "Co-signing key revoked"},
	"office/set-quota":           {"设定上限", "Limits set"},
	"office/close":               {"撤销单位", "Office closed"},
	"photo/receive":              {"收到照片", "Photo received"},
	"photo/read":                 {"读取照片", "Photo read"},
	"photo/fail":                 {"照片处理失败", "Photo failed"},
	"photo/join-inspection":      {"编入联检", "Joined to an inspection"},
	"place-import/hand-in":       {"交来文件", "File handed in"},
	"place-import/judge":         {"核对", "Rows judged"},
	"place-import/decide":        {"决定疑似重复", "Doubtful rows decided"},
	"place-import/commit":        {"同意写入", "To be committed"},
	"place-import/committed":     {"写入完毕", "Committed"},
	"place-import/abandon":       {"放弃导入", "Import abandoned"},
	"place/name":                 {"命名", "Named"},
	"place/rename":               {"更名", "Renamed"},
	"place/retire":               {"销名", "Name retired"},
	"place/grade":                {"定密级", "Graded"},
	"place/approve-reading":      {"核定读音", "Reading approved"},
	"place/correct":              {"更正地名记录", "Place corrected"},
	"place/record-name":          {"登记名称", "Name recorded"},
	"place/correct-name":         {"更正名称记录", "Name corrected"},
	"place/record-event":         {"登记地名事件", "Event recorded"},
	"place/join-twin":            {"并读另一条记录", "Read with another record"},
	"place/part-twin":            {"不再并读", "No longer read together"},
	"measure-rule/set":           {"规定界桩措施", "Rule for measures at markers set"},
	"precision/set":              {"设定公开精度", "Public precision set"},
	"proposal/submit":            {"申报", "Submitted"},
	"proposal/accept":            {"受理", "Accepted"},
	"proposal/return":            {"退回补正", "Returned for correction"},
	"proposal/vote":              {"表决", "Voted"},
	"proposal/approve":           {"批准", "Approved"},
	"proposal/reject":            {"不予批准", "Rejected"},
	"proposal/withdraw":          {"撤回", "Withdrawn"},
	"proposal/explain":           {"申报单位说明", "Explained by who applied"},
	"proposal/clear":             {"审核单位认定", "Cleared by who decides"},
	"proposal/withdraw-explain":  {"撤回说明", "Explanation withdrawn"},
	"proposal/withdraw-clear":    {"撤回认定", "Clearance withdrawn"},
	"proposal/judge-anew":        {"按受理当日的规则重新审查", "Judged anew by the rules of the day of acceptance"},
	"token/create":               {"签发令牌", "Token issued"},
	"token/revoke":               {"撤销令牌", "Token revoked"},
	"rule-pack/draft":            {"起草规则包", "Rule pack drafted"},
	"rule-pack/edit":             {"修改草案", "Draft edited"},
	"rule-pack/adopt":            {"发布规则包", "Rule pack adopted"},
	"rule-pack/repeal":           {"废止规则包", "Rule pack ended"},
	"rule-pack/withdraw":         {"撤回草案", "Draft withdrawn"},
	"word-library/create":        {"建立词库", "Word library made"},
	"word-library/change":        {"加入、停用词", "Words added and ended"},
	"stretch/declare":            {"申报区段", "Stretch declared"},
	"stretch/confirm":            {"确认区段", "Stretch confirmed"},
	"stretch/refuse":             {"不予确认区段", "Stretch not confirmed"},
	"stretch/withdraw":           {"撤回区段", "Stretch withdrawn"},
	"submission/receive":         {"收到提交的文件", "Submission received"},
	"track/receive":              {"收到轨迹", "Track received"},
	"track/read":                 {"读取并比对轨迹", "Track read and matched"},
	"track/confirm-frame":        {"确认坐标系", "Frame confirmed"},
	"track/read-again":           {"重新读取比对", "Read again"},
	"track/fail":                 {"轨迹处理失败", "Track failed"},
	"track/join-inspection":      {"编入联检", "Joined to an inspection"},

	"marker-change/create":         {"起草界桩变动", "Change of a marker drafted"},
	"marker-change/edit":           {"改写申请", "Written anew"},
	"marker-change/return":         {"退回修改", "Returned"},
	"marker-change/apply":          {"提出界桩变动", "Applied for"},
	"marker-change/agree":          {"同意", "Agreed to"},
	"marker-change/decline":        {"不同意", "Declined"},
	"marker-change/approve":        {"上级同意", "Approved by the bureau above"},
	"marker-change/survey":         {"登记测绘结果", "Survey recorded"},
	"marker-change/confirm-survey": {"确认测绘结果", "Survey confirmed"},
	"marker-change/place":          {"设桩归档", "Set and archived"},
	"marker-change/file":           {"登记备案", "Filed"},
	"marker-change/withdraw":       {"撤回界桩变动", "Change of a marker withdrawn"},
}

// historyFields are the fields that are shown, in the order in which they are. A field that is not among them stays out,
// so that what nobody thought of is not given away.
var historyFields = []struct {
	name string
	word word
}{
	{"state", word{"状态", "State"}},
	{"pack", word{"规则包", "Rule pack"}},
	{"recordVersion", word{"登记表版次", "Version of the record"}},
	{"recordedIn", word{"记录所用坐标系", "Recorded in"}},
	{"name", word{"名称", "Name"}},
	{"romanization", word{"罗马字母拼写", "Romanization"}},
	{"reading", word{"读音", "Reading"}},
	{"kind", word{"类型", "Kind"}},
	{"category", word{"类别", "Category"}},
	{"placeClass", word{"分类", "Class"}},
	{"locatedBy", word{"定位方式", "Located by"}},
	{"moved", word{"位置有更正", "Position corrected"}},
	{"nameKind", word{"名称种类", "Kind of name"}},
	{"language", word{"语言", "Language"}},
	{"spelling", word{"拼写", "Spelling"}},
	{"process", word{"依据", "Kept under"}},
	{"fromSaid", word{"原文所记启用时间", "Began, as said"}},
	{"toSaid", word{"原文所记停用时间", "Ended, as said"}},
	{"meaning", word{"含义", "Meaning"}},
	{"origin", word{"来历", "Origin"}},
	{"event", word{"事件", "Event"}},
	{"on", word{"时间", "When"}},
	{"citation", word{"出处", "Citation"}},
	{"twin", word{"并读的记录", "Read with"}},
	{"verdict", word{"核查结论", "Verdict"}},
	{"pack", word{"规则包", "Rule pack"}},
	{"part", word{"所涉的字词", "Part of the name"}},
	{"grade", word{"密级", "Grade"}},
	{"account", word{"承担人", "Assigned to"}},
	{"role", word{"职责", "Role"}},
	{"roles", word{"职责", "Roles"}},
	{"officeId", word{"单位", "Office"}},
	{"divisionId", word{"管辖区划", "Jurisdiction"}},
	{"divisionCode", word{"行政区划代码", "Division code"}},
	{"successor", word{"承接单位", "Successor"}},
	{"line", word{"界线", "Line"}},
	{"lineId", word{"界线", "Line"}},
	{"partyA", word{"甲方", "Party A"}},
	{"partyB", word{"乙方", "Party B"}},
	{"lengthM", word{"长度（米）", "Length (m)"}},
	{"sections", word{"界线段数", "Sections"}},
	{"predecessors", word{"前身", "Before it"}},
	{"legalStatus", word{"法律地位", "Legal status"}},
	{"level", word{"级别", "Level"}},
	{"programme", word{"联检计划", "Programme"}},
	{"round", word{"轮次", "Round"}},
	{"yearFrom", word{"起始年份", "From year"}},
	{"yearTo", word{"截止年份", "To year"}},
	{"leadOffice", word{"牵头单位", "Lead office"}},
	{"cooperatingOffice", word{"配合单位", "Cooperating office"}},
	{"class", word{"检查方式", "Checked by"}},
	{"ranges", word{"里程范围（米）", "Chainage (m)"}},
	{"obstacle", word{"走不到的原因", "Why not walked"}},
	{"pictureSource", word{"影像来源", "Picture"}},
	{"pictureOn", word{"影像日期", "Taken on"}},
	{"markers", word{"界桩", "Markers"}},
	{"validFrom", word{"起始日期", "From"}},
	{"validTo", word{"截止日期", "Until"}},
	{"found", word{"界桩状况", "Found"}},
	{"workKind", word{"维护事项", "Work"}},
	{"changeKind", word{"变动", "Change"}},
	{"measure", word{"措施", "Measure"}},
	{"countsAs", word{"算作", "Counts as"}},
	{"checkedOn", word{"检查日期", "Checked on"}},
	{"submit", word{"提交", "Submitted"}},
	{"note", word{"备注", "Note"}},
	{"size", word{"文件大小（字节）", "File size (bytes)"}},
	{"points", word{"点数", "Points"}},
	{"bytes", word{"原件字节", "Bytes of originals"}},
	{"files", word{"轨迹文件", "Track files"}},
	{"jobs", word{"待读取的文件", "Files waiting to be read"}},
	{"coverage", word{"覆盖率", "Coverage"}},
	{"tries", word{"尝试次数", "Tries"}},
	{"way", word{"登录方式", "Way of signing in"}},
	{"issuer", word{"统一身份平台", "Identity provider"}},
	{"scopes", word{"令牌范围", "Scopes"}},
	{"expiresAt", word{"有效期至", "Expires at"}},
	{"decimals", word{"小数位数", "Decimals"}},
	{"collection", word{"数据集", "Collection"}},
	{"features", word{"要素数", "Features"}},
	{"format", word{"格式", "Format"}},
	{"filter", word{"筛选", "Filter"}},
	{"contiguousKm2", word{"连片面积（平方公里）", "Contiguous area (km²)"}},
	{"rows", word{"行数", "Rows"}},
	{"created", word{"新增", "Created"}},
	{"changed", word{"变更", "Changed"}},
	{"ended", word{"撤销", "Abolished"}},
	{"unchanged", word{"未变", "Unchanged"}},
	{"lines", word{"界线数", "Lines"}},
	{"key", word{"公钥", "Public key"}},
	{"region", word{"适用地区（代码开头）", "Region (leading digits)"}},
	{"rules", word{"规则数", "Rules"}},
	{"words", word{"词", "Words"}},
	{"changes", word{"改动", "Changes"}},
}

// historyReason is shown beside the changes, not among them.
const historyReason = "reason"

// historyHidden are the fields that are never shown: logins, hashes, secrets and addresses, positions, and what says
// nothing to people.
var historyHidden = []string{
	"login", "subject", "prefix", "peer", "session", "sha256", "contentSha256", "reportSha256",
	"observed", "sigmaM", "bbox", "id", "inspection", "version", "algorithm", "partySource", "recordedAt",
	"divisionName", "open", "accounts", "demo", "file", "code", "frame", "frameConfirmed", "counts", "unmatchedM", "reconciliation", "digest", "rule",
}

// historySystems are the words of the system's own actors.
var historySystems = map[string]word{
	"import":            {"数据导入", "Data import"},
	"command":           {"系统运维", "Operator"},
	"demo":              {"示例数据", "Demo data"},
	"track.read":        {"轨迹处理", "Track reader"},
	"photo.read":        {"照片处理", "Photo reader"},
	"agreement":         {"协议书办理", "Agreements"},
	"dispute":           {"争议办理", "Disputes"},
	"marker.work":       {"界桩维护", "Work at markers"},
	"marker.change":     {"界桩变动", "Changes of markers"},
	"assignment.form":   {"任务登记", "Assignments"},
	"evidence.import":   {"证据登记", "Evidence"},
	"inspection.submit": {"联检汇交", "Inspections"},
	"office.succession": {"单位承接", "Succession of offices"},
	"office":            {"单位登记", "Offices"},
	"ledger":            {"账簿", "Ledger"},
}

// Item writes the entry for a reader. names has the words of the records that Refs lists; one without a word stays out.
func (e HistoryEntry) Item(names map[uuid.UUID]string, english bool) HistoryItem {
	noun, _, _ := strings.Cut(e.Subject, "/")
	item := HistoryItem{
		Seq: e.Seq, At: e.At, Who: e.who(english), Verb: e.Verb, VerbLabel: historyVerbs[noun+"/"+e.Verb].in(english),
		Changes: []HistoryChange{}, Cites: append([]HistoryCite{}, e.Cites...),
	}
	if item.VerbLabel == "" {
		item.VerbLabel = word{"办理", "Changed"}.in(english)
	}
	item.Reason, _ = e.After[historyReason].(string)
	for _, f := range historyFields {
		before, after := historyTexts(e.Before[f.name], names, english), historyTexts(e.After[f.name], names, english)
		if !slices.Equal(before, after) {
			item.Changes = append(item.Changes, HistoryChange{f.name, f.word.in(english), before, after})
		}
	}
	return item
}

func (e HistoryEntry) who(english bool) string {
	name, system := strings.CutPrefix(e.Actor, "system:")
	switch said, known := historySystems[name]; {
	case e.Post != "":
		return e.Post
	case system && known:
		return said.in(english)
	case system:
		return word{"系统", "System"}.in(english)
	}
	return word{"未登录者", "Not signed in"}.in(english)
}

// Refs are the records that the shown fields name by id.
func (e HistoryEntry) Refs() []uuid.UUID {
	found := map[uuid.UUID]bool{}
	for _, f := range historyFields {
		for _, v := range []any{e.Before[f.name], e.After[f.name]} {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, one := range list {
				if id, ok := historyRef(one); ok {
					found[id] = true
				}
			}
		}
	}
	return slices.Collect(maps.Keys(found))
}

func historyRef(v any) (uuid.UUID, bool) {
	text, _ := v.(string)
	if len(text) != len(uuid.Nil.String()) {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// historyTexts writes a value as texts, nil for none.
func historyTexts(v any, names map[uuid.UUID]string, english bool) []string {
	switch v := v.(type) {
	case string:
		if id, ok := historyRef(v); ok {
			v = names[id]
		}
		if v != "" {
			return []string{v}
		}
	case json.Number:
		return []string{v.String()}
	case bool:
		if v {
			return []string{word{"是", "Yes"}.in(english)}
		}
		return []string{word{"否", "No"}.in(english)}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, historyTexts(one, names, english)...)
		}
		return all
	case map[string]any: // a range by chainage
		from, to := historyTexts(v["fromM"], names, english), historyTexts(v["toM"], names, english)
		if len(from) == 1 && len(to) == 1 {
			return []string{from[0] + "–" + to[0]}
		}
	}
	return nil
}
