// Package geopackage writes GeoPackages (OGC 12-128r18, version 1.3) of one layer, row by row, with a spatial index.
//
// It leans on modernc.org/sqlite, which is SQLite without C, and on github.com/paulmach/orb.
//
// # Why
//
// 2026-11-28: it stands apart from geo/feature, which writes the other formats: a package is a database, and no database
// enters geo.
//
// 2026-11-28: the index is filled as the rows come and its triggers are made at the end: they call functions that SQLite
// itself does not have.
package geopackage
