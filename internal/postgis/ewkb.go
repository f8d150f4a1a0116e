package postgis

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	orbewkb "github.com/paulmach/orb/encoding/ewkb"
	"github.com/twpayne/go-geom"
	geomewkb "github.com/twpayne/go-geom/encoding/ewkb"
)

// EWKB type word: flags for Z, M and SRID, the kind in the low bits.
const (
	flagZ    = 0x80000000
	flagM    = 0x40000000
	flagSRID = 0x20000000
	kindMask = 0x1fffffff
	maxKind  = 7 // geometry collection; beyond are curves, surfaces and TIN
)

// typeWord reads the type word that follows the byte order.
func typeWord(src []byte) (uint32, error) {
	if len(src) < 5 {
		return 0, fmt.Errorf("postgis: geometry of %d bytes", len(src))
	}
	word := binary.LittleEndian.Uint32(src[1:])
	if src[0] == 0 {
		word = binary.BigEndian.Uint32(src[1:])
	}
	if kind := word & kindMask; kind == 0 || kind > maxKind {
		return 0, fmt.Errorf("postgis: geometry kind %d (a curve, a surface or a TIN) is not read", kind)
	}
	return word, nil
}

// decodeOrb reads EWKB as a 2D orb geometry and refuses what orb would read silently wrong.
func decodeOrb(src []byte) (orb.Geometry, error) {
	word, err := typeWord(src)
	switch {
	case err != nil:
		return nil, err
	case word&(flagZ|flagM) != 0:
		return nil, fmt.Errorf("postgis: geometry with Z or M into orb: scan into geom.T or use ST_Force2D")
	case word&flagSRID == 0:
		return nil, fmt.Errorf("postgis: geometry without SRID")
	}
	g, _, err := orbewkb.Unmarshal(src)
	if err != nil {
		return nil, fmt.Errorf("postgis: decode geometry (in a collection neither curve, surface nor TIN is read): %w", err)
	}
	if hasEmptyPoint(g) {
		return nil, fmt.Errorf("postgis: POINT EMPTY into orb, which has none: scan into geom.T")
	}
	return g, nil
}

// decodeGeom reads EWKB in any layout.
func decodeGeom(src []byte) (geom.T, error) {
	if _, err := typeWord(src); err != nil {
		return nil, err
	}
	g, err := geomewkb.Unmarshal(src)
	if err != nil {
		return nil, fmt.Errorf("postgis: decode geometry: %w", err)
	}
	return g, nil
}

// hasEmptyPoint finds what EWKB writes for a point without a position, also within other geometries.
func hasEmptyPoint(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.Point:
		return math.IsNaN(g[0]) || math.IsNaN(g[1])
	case orb.MultiPoint:
		for _, p := range g {
			if hasEmptyPoint(p) {
				return true
			}
		}
	case orb.Collection:
		for _, part := range g {
			if hasEmptyPoint(part) {
				return true
			}
		}
	}
	return false
}

// checkOrb refuses what cannot be stored as it stands.
func checkOrb(g orb.Geometry) error {
	switch g := g.(type) {
	case nil:
		return fmt.Errorf("postgis: a nil geometry within a collection")
	case orb.Ring, orb.Bound:
		return fmt.Errorf("postgis: %T is not stored as it is: wrap it in an orb.Polygon", g)
	case orb.Point:
		return checkPositions(g)
	case orb.MultiPoint:
		return checkPositions(g...)
	case orb.LineString:
		return checkPositions(g...)
	case orb.MultiLineString:
		return checkParts(g, func(l orb.LineString) error { return checkPositions(l...) })
	case orb.Polygon:
		return checkParts(g, func(r orb.Ring) error { return checkPositions(r...) })
	case orb.MultiPolygon:
		return checkParts(g, func(p orb.Polygon) error { return checkOrb(p) })
	case orb.Collection:
		return checkParts(g, checkOrb)
	}
	return nil
}

func checkParts[P any](parts []P, check func(P) error) error {
	for _, part := range parts {
		if err := check(part); err != nil {
			return err
		}
	}
	return nil
}

func checkPositions(points ...orb.Point) error {
	for _, p := range points {
		for _, n := range p {
			if math.IsNaN(n) || math.IsInf(n, 0) {
				return fmt.Errorf("postgis: position %v is not a number", p)
			}
		}
	}
	return nil
}
