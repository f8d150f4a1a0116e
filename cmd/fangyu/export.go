package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
)

type exportCommand struct {
	Kind string `arg:"" help:"places" enum:"places"`

	Format   string    `help:"格式 csv、xlsx、geojson、shapefile（zip）、gpkg Format" enum:"csv,xlsx,geojson,shapefile,gpkg" default:"csv"`
	Datetime string    `help:"哪一天的地名，缺省为今天 The day the places are to be valid on, else today" placeholder:"2016-11-24"`
	Division string    `help:"所在行政区划及其以下：代码或编号 In this division and below: code or id"`
	BBox     []float64 `name:"bbox" help:"最小经度,最小纬度,最大经度,最大纬度 West,south,east,north"`

	Where    map[string]string `help:"只要某列等于某值的，如 category=street Only what a column says so of" mapsep:";" placeholder:"COLUMN=VALUE;…"`
	Encoding string            `help:"Shapefile 的文字编码：utf-8 或 gbk Encoding of a Shapefile" enum:"utf-8,gbk" default:"utf-8"`
	Output   string            `short:"o" help:"写到这个文件，缺省为标准输出 Write here, else to standard output" type:"path"`
}

// Run exports to a file, which is there whole or not at all, or to standard output.
func (c *exportCommand) Run(e *env) (err error) {
	in, format, err := c.read(time.Now())
	if err != nil {
		return err
	}
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	if c.Division != "" {
		if in.Division, err = c.division(e, s); err != nil {
			return err
		}
	}
	if c.Output == "" {
		return c.send(e, s, in, format, e.out, s.vault.Scratch())
	}
	return wholly(c.Output, func(w io.Writer) error { return c.send(e, s, in, format, w, filepath.Dir(c.Output)) })
}

// read checks the flags.
func (c *exportCommand) read(now time.Time) (in gazsql.PlaceExport, format feature.Format, err error) {
	if format, err = gazsql.ExportFormat(c.Format); err != nil {
		return in, format, usageError(err.Error())
	}
	if c.Encoding == "gbk" && format.Name != "shapefile" {
		return in, format, usageError("--encoding gbk 只用于 --format shapefile")
	}
	day := c.Datetime
	if day == "" {
		day = beijing.Day(now)
	}
	if in.On, err = gazsql.ParseDay("--datetime ", day); err != nil {
		return in, format, usageError("--datetime 应为 1000 年以后的日期，如 2016-11-24")
	}
	in.Format, in.Equal = format.Name, c.Where
	columns := gazsql.PlaceColumns()
	for name, value := range c.Where {
		if !slices.Contains(columns, name) {
			return in, format, usageError(fmt.Sprintf("--where：没有“%s”这一列，可用 %s", name, strings.Join(columns, "、")))
		}
		if name == "category" {
			category, err := categoryOf(value)
			if err != nil {
				return in, format, err
			}
			in.Equal[name] = string(category)
		}
	}
	switch b := c.BBox; {
	case len(b) == 0:
	case len(b) == 4 && b[0] <= b[2] && b[1] <= b[3]:
		in.Bound = &orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
	default:
		return in, format, usageError("--bbox 应为 最小经度,最小纬度,最大经度,最大纬度 四个数")
	}
	return in, format, nil
}

// division is the one asked for, by its id or its code of today.
func (c *exportCommand) division(e *env, s *system) (uuid.UUID, error) {
	if id, err := uuid.Parse(c.Division); err == nil {
		return id, nil
	}
	code, _, err := gazetteer.ParseCode(c.Division)
	if err != nil {
		return uuid.Nil, usageError("--division 应为行政区划的编号，或 6、9、12 位代码")
	}
	return s.gaz.DivisionByCode(e.ctx, string(code))
}

func (c *exportCommand) send(e *env, s *system, in gazsql.PlaceExport, format feature.Format, w io.Writer, scratch string) error {
	options := feature.WriteOptions{ByteOrderMark: true, GBK: c.Encoding == "gbk", Folder: scratch}
	rows := 0
	err := s.gaz.ExportPlaces(e.ctx, operator, time.Now(), gazetteer.DefaultExportLimit, in, func(t feature.Table, all iter.Seq2[feature.Row, error]) error {
		return format.Write(w, t, counted(e.err, all, &rows), options)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.err, "导出 %d 条地名\n", rows)
	return nil
}

// counted counts rows as they go by and says so now and then: how many there will be is not known.
func counted(w io.Writer, rows iter.Seq2[feature.Row, error], n *int) iter.Seq2[feature.Row, error] {
	return func(yield func(feature.Row, error) bool) {
		bar := newProgress(w, "导出", -1)
		defer bar.end()
		for row, err := range rows {
			if err == nil {
				*n++
				bar.count(*n)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// wholly writes a file under another name beside it and then gives it its own, so that half a file never has it.
func wholly(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// unwritable says why no file can be made there, and what to do about it.
func unwritable(path string, err error) error {
	folder := filepath.Dir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usageError(fmt.Sprintf("写不了文件 %s：没有文件夹 %s，请先建立或换一处", path, folder))
	case errors.Is(err, fs.ErrPermission):
		return usageError(fmt.Sprintf("写不了文件 %s：没有权限写入文件夹 %s，请换一处", path, folder))
	}
	return fmt.Errorf("写文件 %s：%w", path, err)
}
