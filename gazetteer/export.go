package gazetteer

import (
	"slices"
	"time"

	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// ExportLimit is how much contiguous area an office may be given at full precision within a span of time. It is set by
// configuration, because the rule it stands for is the secrecy department's to read: 《测绘地理信息管理工作国家秘密范围的规定》
// (自然资源部、国家保密局, 2020) counts full-feature data of scales above 1:5,000 that cover more than 25 km² in one piece
// (its clause is cited from memory). Layers are those that count as such data.
type ExportLimit struct {
	AreaKm2 float64
	Window  time.Duration
	Layers  []string
}

// DefaultExportLimit is what holds without configuration.
var DefaultExportLimit = ExportLimit{AreaKm2: 25, Window: 30 * 24 * time.Hour, Layers: []string{"markers"}}

// Counts reports whether a layer is counted.
func (l ExportLimit) Counts(layer string) bool { return slices.Contains(l.Layers, layer) }

// Exported is what an office was given within the window.
type Exported struct {
	Cells []geo.Cell
	Since time.Time // of the first export that counts; zero when there is none
	Above string    // the bureau to ask, "" when there is none above
}

// Check judges a further export of the cells and returns the contiguous area in km² that it makes: Forbidden "export-area"
// when that is beyond the limit. What was given before and is far from these cells does not count.
func (l ExportLimit) Check(before Exported, cells []geo.Cell, now time.Time) (areaKm2 float64, err error) {
	areaKm2 = geo.Contiguous(before.Cells, cells)
	if areaKm2 <= l.AreaKm2 {
		return areaKm2, nil
	}
	since, whom := before.Since, before.Above
	if since.IsZero() {
		since = now
	}
	if whom == "" {
		whom = "保密和自然资源主管部门"
	}
	return areaKm2, fault.New(fault.Forbidden, "export-area",
		"自 %s 起，本单位导出的全精度数据连同这一次连成一片 %.1f 平方公里，超过 %.1f 平方公里的上限：请缩小范围；确需全部数据的，向%s申请",
		since.In(beijing.Zone).Format("2006年1月2日"), areaKm2, l.AreaKm2, whom)
}
