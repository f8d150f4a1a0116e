package postgis

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	orbewkb "github.com/paulmach/orb/encoding/ewkb"
	"github.com/twpayne/go-geom"
	geomewkb "github.com/twpayne/go-geom/encoding/ewkb"
)

// SRID is that of the stored frame, CGCS2000 in degrees; orb values carry no SRID and are written with this one.
const SRID = 4490

// geometryCodec carries PostGIS geometry in binary to and from orb (2D only) and go-geom (any layout).
type geometryCodec struct{}

func (geometryCodec) FormatSupported(format int16) bool { return format == pgtype.BinaryFormatCode }
func (geometryCodec) PreferredFormat() int16            { return pgtype.BinaryFormatCode }

func (geometryCodec) PlanEncode(_ *pgtype.Map, _ uint32, format int16, value any) pgtype.EncodePlan {
	if format != pgtype.BinaryFormatCode {
		return nil
	}
	switch value.(type) {
	case orb.Point, orb.MultiPoint, orb.LineString, orb.MultiLineString, orb.Ring, orb.Polygon, orb.MultiPolygon, orb.Collection, orb.Bound:
		return encodeOrb{} // not pointers to them: pgx follows those itself, nil ones to NULL
	case geom.T:
		return encodeGeom{}
	}
	return nil
}

type encodeOrb struct{}

// Encode refuses what PostGIS would take for something else or orb could not read back: numbers that are none (a point of
// them is stored as POINT EMPTY), rings and bounds on their own, and holes in a collection.
func (encodeOrb) Encode(value any, buf []byte) ([]byte, error) {
	g, ok := value.(orb.Geometry)
	if !ok || g == nil {
		return nil, nil
	}
	if err := checkOrb(g); err != nil {
		return nil, err
	}
	b, err := orbewkb.Marshal(g, SRID, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("postgis: encode %s: %w", g.GeoJSONType(), err)
	}
	return append(buf, b...), nil
}

type encodeGeom struct{}

func (encodeGeom) Encode(value any, buf []byte) ([]byte, error) {
	g := value.(geom.T)
	if g.SRID() == 0 {
		return nil, fmt.Errorf("postgis: a %T without SRID: set it, stored geometry is %d", g, SRID)
	}
	b, err := geomewkb.Marshal(g, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("postgis: encode %T: %w", g, err)
	}
	return append(buf, b...), nil
}

func (geometryCodec) PlanScan(_ *pgtype.Map, _ uint32, format int16, target any) pgtype.ScanPlan {
	if format != pgtype.BinaryFormatCode {
		return nil
	}
	switch target.(type) {
	case *orb.Geometry:
		return scanOrb{}
	case *orb.Point:
		return scanOrbAs[orb.Point]{}
	case *orb.MultiPoint:
		return scanOrbAs[orb.MultiPoint]{}
	case *orb.LineString:
		return scanOrbAs[orb.LineString]{}
	case *orb.MultiLineString:
		return scanOrbAs[orb.MultiLineString]{}
	case *orb.Polygon:
		return scanOrbAs[orb.Polygon]{}
	case *orb.MultiPolygon:
		return scanOrbAs[orb.MultiPolygon]{}
	case *geom.T:
		return scanGeom{}
	case *geom.Point:
		return scanGeomPoint{}
	}
	return nil
}

type scanOrb struct{}

func (scanOrb) Scan(src []byte, target any) error {
	to := target.(*orb.Geometry)
	if src == nil {
		*to = nil
		return nil
	}
	g, err := decodeOrb(src)
	if err == nil {
		*to = g
	}
	return err
}

type scanOrbAs[G orb.Geometry] struct{}

func (scanOrbAs[G]) Scan(src []byte, target any) error {
	if src == nil {
		return fmt.Errorf("postgis: NULL geometry into %T: scan into *orb.Geometry or a pointer", target)
	}
	g, err := decodeOrb(src)
	if err != nil {
		return err
	}
	as, ok := g.(G)
	if !ok {
		return fmt.Errorf("postgis: got a %s, wanted %T", g.GeoJSONType(), as)
	}
	*target.(*G) = as
	return nil
}

type scanGeom struct{}

func (scanGeom) Scan(src []byte, target any) error {
	to := target.(*geom.T)
	if src == nil {
		*to = nil
		return nil
	}
	g, err := decodeGeom(src)
	if err != nil {
		return err
	}
	*to = g
	return nil
}

type scanGeomPoint struct{}

func (scanGeomPoint) Scan(src []byte, target any) error {
	if src == nil {
		return fmt.Errorf("postgis: NULL geometry into %T: scan into *geom.T or a pointer", target)
	}
	g, err := decodeGeom(src)
	if err != nil {
		return err
	}
	p, ok := g.(*geom.Point)
	if !ok {
		return fmt.Errorf("postgis: got a %T, wanted a point", g)
	}
	*target.(*geom.Point) = *p
	return nil
}

func (geometryCodec) DecodeDatabaseSQLValue(_ *pgtype.Map, _ uint32, _ int16, src []byte) (driver.Value, error) {
	if src == nil {
		return nil, nil
	}
	return hex.EncodeToString(src), nil
}

// DecodeValue gives go-geom values, which lose nothing.
func (geometryCodec) DecodeValue(_ *pgtype.Map, _ uint32, _ int16, src []byte) (any, error) {
	if src == nil {
		return nil, nil
	}
	return decodeGeom(src)
}
