package gazetteer

import (
	"fmt"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// OutsideFromM is how far a point may lie outside its division before anybody is asked: outlines for reference are that
// coarse.
const OutsideFromM = 500

// Outside is a division that a point should lie in, and how far outside it lies in metres.
type Outside struct {
	DivisionID   uuid.UUID
	DivisionName string
	DistanceM    float64
}

// Far reports whether the point lies so far outside that somebody must look.
func (o Outside) Far() bool { return o.DistanceM > OutsideFromM }

func (o Outside) String() string {
	return fmt.Sprintf("所给位置在%s之外，相距 %.1f 公里", o.DivisionName, o.DistanceM/1000)
}

// Finding is what a check of a name says of it.
func (o Outside) Finding() NameFinding {
	return NameFinding{
		Finding: fault.Finding{
			Code: "outside-division", Severity: fault.Review, Detail: o.String(), Pointer: "/point",
			Evidence: []fault.Evidence{{Kind: "division", ID: o.DivisionID.String(), Name: o.DivisionName, DistanceM: &o.DistanceM}},
		},
		Rule: "position", Part: "point", Cure: "请核对经纬度、坐标系和所在行政区划",
	}
}
