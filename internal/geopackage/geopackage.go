package geopackage

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Column is a column of a layer beside its fid, its geometry and its id.
type Column struct {
	Name  string
	Type  string // of GeoPackage: TEXT, INTEGER, DOUBLE, BOOLEAN, DATE
	Title string // what it is, in words for people
}

// Layer is the one table of a package. Names are of letters, digits and underscores.
type Layer struct {
	Name        string
	Description string
	At          time.Time // when its contents last changed
	Columns     []Column
}

// SRID is the frame of every layer: CGCS2000, longitude first.
const SRID = 4490

// wkt4490 is EPSG:4490 as GeoPackage has it (OGC 01-009).
const wkt4490 = `GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4490"]]`

const wkt4326 = `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]`

const packageTables = `
	pragma application_id = 1196444487;
	pragma user_version = 10300;
	create table gpkg_spatial_ref_sys (srs_name text not null, srs_id integer not null primary key, organization text not null,
	    organization_coordsys_id integer not null, definition text not null, description text);
	create table gpkg_contents (table_name text not null primary key, data_type text not null, identifier text unique, description text default '',
	    last_change datetime not null default (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x double, min_y double, max_x double, max_y double, srs_id integer,
	    constraint fk_gc_r_srs_id foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id));
	create table gpkg_geometry_columns (table_name text not null, column_name text not null, geometry_type_name text not null, srs_id integer not null,
	    z tinyint not null, m tinyint not null, constraint pk_geom_cols primary key (table_name, column_name), constraint uk_gc_table_name unique (table_name),
	    constraint fk_gc_tn foreign key (table_name) references gpkg_contents (table_name), constraint fk_gc_srs foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id));
	create table gpkg_extensions (table_name text, column_name text, extension_name text not null, definition text not null, scope text not null,
	    constraint ge_tce unique (table_name, column_name, extension_name));
	create table gpkg_data_columns (table_name text not null, column_name text not null, name text, title text, description text, mime_type text,
	    constraint_name text, constraint pk_gdc primary key (table_name, column_name), constraint gdc_tn unique (table_name, name));`

// File is a package in the making.
type File struct {
	layer        Layer
	db           *sql.DB
	tx           *sql.Tx
	insert, tree *sql.Stmt
	bound        orb.Bound
	placed       bool // bound holds something
	rows         int64
	args         []any
}

// Create begins a package in a file that is not there yet. It keeps no journal: one that is not closed, with [File.Close], is
// to be thrown away. [File.Discard] lets go of it in either case.
func Create(path string, l Layer) (*File, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-8000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	f := &File{layer: l, db: db}
	if f.tx, err = db.Begin(); err == nil {
		err = f.begin()
	}
	if err != nil {
		f.Discard()
		return nil, fmt.Errorf("begin a package: %w", err)
	}
	return f, nil
}

func (f *File) begin() error {
	var columns, names, marks strings.Builder
	for _, c := range f.layer.Columns {
		fmt.Fprintf(&columns, ", %q %s", c.Name, c.Type)
		fmt.Fprintf(&names, ", %q", c.Name)
		marks.WriteString(", ?")
	}
	for _, q := range []string{
		packageTables,
		fmt.Sprintf(`create table %q ("fid" integer primary key autoincrement not null, "geom" geometry, "id" text%s)`, f.layer.Name, &columns),
		fmt.Sprintf(`create virtual table "rtree_%s_geom" using rtree(id, minx, maxx, miny, maxy)`, f.layer.Name),
	} {
		if _, err := f.tx.Exec(q); err != nil {
			return err
		}
	}
	for _, s := range []struct {
		name, organization, definition string
		id                             int
	}{
		{"Undefined Cartesian", "NONE", "undefined", -1},
		{"Undefined geographic", "NONE", "undefined", 0},
		{"WGS 84", "EPSG", wkt4326, 4326},
		{"China Geodetic Coordinate System 2000", "EPSG", wkt4490, SRID},
	} {
		if _, err := f.tx.Exec(`insert into gpkg_spatial_ref_sys values (?, ?, ?, ?, ?, null)`, s.name, s.id, s.organization, s.id, s.definition); err != nil {
			return err
		}
	}
	var err error
	if f.insert, err = f.tx.Prepare(fmt.Sprintf(`insert into %q (fid, geom, id%s) values (?, ?, ?%s)`, f.layer.Name, &names, &marks)); err != nil {
		return err
	}
	f.tree, err = f.tx.Prepare(fmt.Sprintf(`insert into "rtree_%s_geom" values (?, ?, ?, ?, ?)`, f.layer.Name))
	return err
}

// Add adds a row: its geometry, nil where there is none, and a value for each column, nil for none. Texts of numbers become
// numbers where the column is one.
func (f *File) Add(id string, g orb.Geometry, values ...any) error {
	f.rows++
	packed, err := pack(g)
	if err != nil {
		return fmt.Errorf("pack the geometry of %s: %w", id, err)
	}
	f.args = append(append(f.args[:0], f.rows, packed, id), values...)
	if _, err := f.insert.Exec(f.args...); err != nil || g == nil {
		return err
	}
	b := g.Bound()
	if !f.placed {
		f.bound, f.placed = b, true
	}
	f.bound = f.bound.Union(b)
	_, err = f.tree.Exec(f.rows, b.Min[0], b.Max[0], b.Min[1], b.Max[1])
	return err
}

// pack writes a geometry as GeoPackage has it (§2.1.3): a head with the frame and, but for points, the bound, then WKB.
func pack(g orb.Geometry) ([]byte, error) {
	if g == nil {
		return nil, nil
	}
	body, err := wkb.Marshal(g)
	if err != nil {
		return nil, err
	}
	head := append(make([]byte, 0, 40+len(body)), 'G', 'P', 0, 1)
	_, point := g.(orb.Point)
	if !point {
		head[3] |= 1 << 1
	}
	head = binary.LittleEndian.AppendUint32(head, SRID)
	if !point {
		b := g.Bound()
		for _, v := range []float64{b.Min[0], b.Max[0], b.Min[1], b.Max[1]} {
			head = binary.LittleEndian.AppendUint64(head, math.Float64bits(v))
		}
	}
	return append(head, body...), nil
}

// Close describes the contents and leaves the index in the care of triggers, as the extension gpkg_rtree_index (annex F.3)
// wants it. They call functions of GeoPackage that only its readers have, so they come last.
func (f *File) Close() error {
	if err := f.describe(); err != nil {
		return fmt.Errorf("describe a package: %w", err)
	}
	return errors.Join(f.tx.Commit(), f.db.Close())
}

// Discard lets go of the file, which stays where it is.
func (f *File) Discard() {
	if f.tx != nil {
		_ = f.tx.Rollback() // after a commit it does nothing
	}
	_ = f.db.Close() // what is thrown away need not have been written
}

func (f *File) describe() error {
	l := f.layer
	box := make([]any, 4)
	if f.placed {
		box = []any{f.bound.Min[0], f.bound.Min[1], f.bound.Max[0], f.bound.Max[1]}
	}
	at := l.At.UTC().Format("2006-01-02T15:04:05.000Z")
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{
			`insert into gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y, srs_id)
			 values (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)`,
			append(append([]any{l.Name, l.Name, l.Description, at}, box...), SRID),
		},
		{`insert into gpkg_geometry_columns values (?, 'geom', 'GEOMETRY', ?, 0, 0)`, []any{l.Name, SRID}},
		{`insert into gpkg_extensions values (?, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')`, []any{l.Name}},
		{`insert into gpkg_extensions values ('gpkg_data_columns', null, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write')`, nil},
		{strings.NewReplacer("<t>", l.Name, "<c>", "geom", "<i>", "fid").Replace(rtreeTriggers), nil},
	} {
		if _, err := f.tx.Exec(s.sql, s.args...); err != nil {
			return err
		}
	}
	for _, c := range l.Columns {
		if _, err := f.tx.Exec(`insert into gpkg_data_columns (table_name, column_name, name) values (?, ?, nullif(?, ''))`, l.Name, c.Name, c.Title); err != nil {
			return err
		}
	}
	return nil
}

const rtreeTriggers = `
	create trigger "rtree_<t>_<c>_insert" after insert on "<t>" when (new."<c>" not null and not ST_IsEmpty(new."<c>"))
	begin insert or replace into "rtree_<t>_<c>" values (new."<i>", ST_MinX(new."<c>"), ST_MaxX(new."<c>"), ST_MinY(new."<c>"), ST_MaxY(new."<c>")); end;
	create trigger "rtree_<t>_<c>_update6" after update of "<c>" on "<t>"
	  when old."<i>" = new."<i>" and (new."<c>" notnull and not ST_IsEmpty(new."<c>")) and (old."<c>" notnull and not ST_IsEmpty(old."<c>"))
	begin update "rtree_<t>_<c>" set minx = ST_MinX(new."<c>"), maxx = ST_MaxX(new."<c>"), miny = ST_MinY(new."<c>"), maxy = ST_MaxY(new."<c>") where id = new."<i>"; end;
	create trigger "rtree_<t>_<c>_update7" after update of "<c>" on "<t>"
	  when old."<i>" = new."<i>" and (new."<c>" notnull and not ST_IsEmpty(new."<c>")) and (old."<c>" isnull or ST_IsEmpty(old."<c>"))
	begin insert into "rtree_<t>_<c>" values (new."<i>", ST_MinX(new."<c>"), ST_MaxX(new."<c>"), ST_MinY(new."<c>"), ST_MaxY(new."<c>")); end;
	create trigger "rtree_<t>_<c>_update2" after update of "<c>" on "<t>" when old."<i>" = new."<i>" and (new."<c>" isnull or ST_IsEmpty(new."<c>"))
	begin delete from "rtree_<t>_<c>" where id = old."<i>"; end;
	create trigger "rtree_<t>_<c>_update5" after update on "<t>" when old."<i>" != new."<i>" and (new."<c>" notnull and not ST_IsEmpty(new."<c>"))
	begin delete from "rtree_<t>_<c>" where id = old."<i>";
	insert or replace into "rtree_<t>_<c>" values (new."<i>", ST_MinX(new."<c>"), ST_MaxX(new."<c>"), ST_MinY(new."<c>"), ST_MaxY(new."<c>")); end;
	create trigger "rtree_<t>_<c>_update4" after update on "<t>" when old."<i>" != new."<i>" and (new."<c>" isnull or ST_IsEmpty(new."<c>"))
	begin delete from "rtree_<t>_<c>" where id in (old."<i>", new."<i>"); end;
	create trigger "rtree_<t>_<c>_delete" after delete on "<t>" when old."<c>" not null
	begin delete from "rtree_<t>_<c>" where id = old."<i>"; end;`
