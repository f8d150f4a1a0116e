package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/postgis"
)

// PlacesWithin lists the published places whose names hold today and that lie within an area, by name, as the public reads them: with
// the positions that it is given. Where a policy rounds those, whether a place lies within is told by the rounded one, else a narrow area
// would tell more than the policy lets out. Withheld places are not among them.
func PlacesWithin(ctx context.Context, db postgis.Conn, now time.Time, area orb.MultiPolygon) ([]PlaceRow, error) {
	if len(area) == 0 {
		return nil, nil
	}
	near := geo.PadM(area.Bound(), roundedByM)
	day := beijing.Day(now)
	var found []PlaceRow
	err := each(ctx, &Store{db: db}, `select * from (`+publishedPlaces.sql(`
		where n.valid @> $1::text::date and p.geom && st_makeenvelope($2, $3, $4, $5, 4490)`)+`) named order by name, id`, func(r PlaceRow) error {
		if r = r.Public(); planar.MultiPolygonContains(area, *r.Point()) {
			found = append(found, r)
		}
		return nil
	}, day, near.Min[0], near.Min[1], near.Max[0], near.Max[1])
	if err != nil {
		return nil, fmt.Errorf("find places within: %w", err)
	}
	return found, nil
}

// roundedByM is more than a position moves that is rounded to two decimals; one rounded to fewer says too little for an area.
const roundedByM = 1000
