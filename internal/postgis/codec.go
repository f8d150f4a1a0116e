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

// Encode refuses an empty point, which orb cannot express, and a geometry with no positions in places PostGIS would take
// for something else.
func (encodeOrb) Encode(value any, buf []byte) ([]byte, error) {
	g, ok := value.(orb.Geometry)
	if !ok || g == nil {
		return nil, nil
	}
	switch g.(type) {
	case orb.Ring, orb.Bound:
		return nil, fmt.Errorf("postgis: %T is not stored as it is: wrap it in an orb.Polygon", g)
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
	g, err := geomewkb.Unmarshal(src)
	if err != nil {
		return fmt.Errorf("postgis: decode geometry: %w", err)
	}
	*to = g
	return nil
}

type scanGeomPoint struct{}

func (scanGeomPoint) Scan(src []byte, target any) error {
	if src == nil {
		return fmt.Errorf("postgis: NULL geometry into %T: scan into *geom.T or a pointer", target)
	}
	g, err := geomewkb.Unmarshal(src)
	if err != nil {
		return fmt.Errorf("postgis: decode geometry: %w", err)
	}
	p, ok := g.(*geom.Point)
	if !ok {
		return fmt.Errorf("postgis: got a %T, wanted a point", g)
	}
	*target.(*geom.Point) = *p
	return nil
}

// EWKB type word: flags for Z, M and SRID, the kind in the low bits.
const (
	flagZ    = 0x80000000
	flagM    = 0x40000000
	flagSRID = 0x20000000
	kindMask = 0x1fffffff
	maxKind  = 7 // geometry collection; beyond are curves, surfaces and TIN
)

// decodeOrb reads EWKB as a 2D orb geometry and refuses what orb would read silently wrong.
func decodeOrb(src []byte) (orb.Geometry, error) {
	if len(src) < 5 {
		return nil, fmt.Errorf("postgis: geometry of %d bytes", len(src))
	}
	word := binary.LittleEndian.Uint32(src[1:])
	if src[0] == 0 {
		word = binary.BigEndian.Uint32(src[1:])
	}
	switch kind := word & kindMask; {
	case word&(flagZ|flagM) != 0 || kind/1000 > 0:
		return nil, fmt.Errorf("postgis: geometry with Z or M into orb: scan into geom.T or use ST_Force2D")
	case kind == 0 || kind > maxKind:
		return nil, fmt.Errorf("postgis: geometry kind %d (curve, surface or TIN) is not read", kind)
	}
	g, srid, err := orbewkb.Unmarshal(src)
	if err != nil {
		return nil, fmt.Errorf("postgis: decode geometry: %w", err)
	}
	if word&flagSRID == 0 || srid == 0 {
		return nil, fmt.Errorf("postgis: geometry without SRID")
	}
	if p, ok := g.(orb.Point); ok && (p[0] != p[0] || p[1] != p[1]) {
		return nil, fmt.Errorf("postgis: POINT EMPTY into orb")
	}
	return g, nil
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
	return geomewkb.Unmarshal(src)
}
