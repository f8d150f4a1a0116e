package gazsql

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"fangyu/geo/feature"
	"fangyu/internal/geopackage"
)

// ExportFormats are the formats in which records are exported, in the order in which they are offered.
var ExportFormats = append(slices.Clone(feature.WriteFormats), feature.Format{
	Name: "gpkg", Ext: ".gpkg", MediaType: "application/geopackage+sqlite3", Do: writeGeoPackage,
})

// writeGeoPackage makes the package in a temporary folder and then sends it: a database is not written from the front to
// the back. The folder loses its name as soon as both ends are open, so that nothing is left when the process dies.
func writeGeoPackage(w *bufio.Writer, _ func() error, t feature.Table, rows iter.Seq2[feature.Row, error], o feature.WriteOptions) (err error) {
	folder, err := os.MkdirTemp(o.Folder, "export-*")
	if err != nil {
		return fmt.Errorf("keep an export: %w", err)
	}
	gone := sync.OnceValue(func() error { return os.RemoveAll(folder) })
	defer func() { err = errors.Join(err, gone()) }()
	path := filepath.Join(folder, "export.gpkg")
	p, err := geopackage.Create(path, layerOf(t))
	if err != nil {
		return err
	}
	defer p.Discard()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := gone(); err != nil {
		return err
	}
	if err := fill(p, t, rows); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

func layerOf(t feature.Table) geopackage.Layer {
	types := map[feature.Kind]string{feature.Integer: "INTEGER", feature.Number: "DOUBLE", feature.Flag: "BOOLEAN", feature.Day: "DATE"}
	layer := geopackage.Layer{Name: t.Name, Description: strings.Join(append([]string{t.Title}, t.Notes...), "\n"), At: t.At}
	for _, c := range t.Columns {
		column := geopackage.Column{Name: c.Name, Type: types[c.Kind], Title: c.Title}
		if column.Type == "" {
			column.Type = "TEXT"
		}
		layer.Columns = append(layer.Columns, column)
	}
	return layer
}

func fill(p *geopackage.File, t feature.Table, rows iter.Seq2[feature.Row, error]) error {
	values := make([]any, len(t.Columns))
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, v := range row.Values {
			switch {
			case v == "":
				values[i] = nil
			case t.Columns[i].Kind == feature.Flag:
				values[i] = v == "true"
			default:
				values[i] = v
			}
		}
		if err := p.Add(row.ID, row.Geometry, values...); err != nil {
			return err
		}
	}
	return p.Close()
}
