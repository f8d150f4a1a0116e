package photo

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// words are the sentence and weight of each code.
var words = map[string]struct {
	severity fault.Severity
	detail   string
}{
	"empty_file":         {fault.Block, "文件是空的，请重新上传"},
	"format_not_read":    {fault.Block, "内容不是能读的照片：可用 JPEG、PNG、TIFF、HEIC"},
	"image_too_large":    {fault.Block, "照片有 %d × %d 像素，超过 %d00 万像素的上限，未收下：请缩小后重新上传"},
	"no_dimensions":      {fault.Warning, "读不出照片的宽和高，不能生成公开副本"},
	"cut":                {fault.Warning, "文件没有完整的结尾，可能没有传完：请检查后重新上传"},
	"extension_mismatch": {fault.Info, "扩展名与内容不符，内容是 %s"},
	"exif_unreadable":    {fault.Warning, "拍摄信息（EXIF）已损坏，能读的部分已读取，照片照原样保存"},
	"no_position":        {fault.Info, "照片没有位置：请在界桩检查登记表的备注里写明照片名，或打开相机的定位后重拍"},
	"bad_position":       {fault.Warning, "照片的位置读不出来（缺经度或纬度，或分母为零），未采用"},
	"out_of_range":       {fault.Warning, "照片的位置（纬度 %v、经度 %v）超出范围，未采用"},
	"zero_position":      {fault.Warning, "照片的位置是 0, 0，是没有定位时写的，未采用"},
	"void_fix":           {fault.Info, "照片注明拍摄时没有定位，所写的位置是以前的，未采用"},
	"ref_missing":        {fault.Warning, "照片的位置没有注明南北纬或东西经，按北纬、东经理解，请核对"},
	"refs_contradict":    {fault.Warning, "照片位置的南北纬、东西经标反或不认识，分不清哪个是纬度，未采用"},
	"axes_swapped":       {fault.Info, "照片的经度和纬度写反了，已按所注的东西、南北读取，请核对"},
	"datum_not_read":     {fault.Warning, "照片的位置用坐标系“%s”，不是 WGS 84，未采用"},
	"no_time":            {fault.Info, "照片没有拍摄时间"},
	"bad_time":           {fault.Warning, "照片的时间“%s”无法识别，未采用"},
	"time_without_zone":  {fault.Info, "照片的时间“%s”没有时区，按北京时间（UTC+8）理解，请核对"},
	"times_differ":       {fault.Warning, "卫星时间（北京时间 %s）与相机时钟（%s）相差 10 分钟以上，按卫星时间理解：请核对相机的时间和时区"},
}

// find adds a finding, each code once.
func (p *Photo) find(code string, args ...any) {
	if slices.ContainsFunc(p.Findings, func(f fault.Finding) bool { return f.Code == code }) {
		return
	}
	detail := words[code].detail
	if len(args) > 0 {
		for i, a := range args {
			if s, ok := a.(string); ok {
				args[i] = shorten(s)
			}
		}
		detail = fmt.Sprintf(detail, args...)
	}
	p.Findings = append(p.Findings, fault.Finding{Code: code, Severity: words[code].severity, Detail: detail})
}

// shorten keeps a sentence a sentence, whatever the file says.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// extensions are those each format goes by.
var extensions = map[string][]string{
	JPEG: {".jpg", ".jpeg", ".jpe", ".jfif"}, PNG: {".png"}, TIFF: {".tif", ".tiff"}, HEIC: {".heic", ".heif", ".hif"},
}

// fits reports whether a name is one of the format; one without extension fits all.
func fits(name, format string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == "" || slices.Contains(extensions[format], ext)
}
