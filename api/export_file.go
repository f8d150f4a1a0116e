package api

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// maxSending is how many files are sent at once: each holds a connection of the database until its client has read it.
const maxSending = 4

// sendingFiles are the parameters of a file beside the columns.
var sendingFiles = []string{"f", "datetime", "division", "bbox", "limit", "encoding"}

// exportFile answers a file of the places in the actor's jurisdiction, as they stood on a day, row by row as the database
// has them. What breaks off is no whole answer.
//
// Errors: those of gazsql.Store.ExportPlaces; Exceeded "too-many-downloads"; Busy "exports-busy"; Malformed "bad_parameter".
func (s *Server) exportFile(c *gin.Context, who gazetteer.Actor) error {
	in, format, options, err := s.fileAsked(c)
	if err != nil {
		return err
	}
	name := "places-" + in.On.Format(time.DateOnly)
	if c.Request.Method == http.MethodHead {
		asFile(c, format, name)
		c.Status(http.StatusOK)
		return nil
	}
	select {
	case s.sending <- struct{}{}:
		defer func() { <-s.sending }()
	default:
		return fault.New(fault.Busy, "exports-busy", "同时进行的导出已有 %d 个，请稍后再试", maxSending)
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	asFile(c, format, name) // only now: a refusal is no file
	err = s.Gaz.ExportPlaces(c.Request.Context(), who, s.Now(), s.ExportLimit, in, func(t feature.Table, rows iter.Seq2[feature.Row, error]) error {
		c.Status(http.StatusOK)
		return format.Write(c.Writer, t, rows, options)
	})
	if err != nil && c.Writer.Written() {
		s.Log.Warn("an export was broken off", "id", requestID(c), "error", err)
		panic(http.ErrAbortHandler) // the only way to tell the client that what it has is not all
	}
	if err != nil {
		for _, name := range []string{"Content-Type", "Content-Disposition"} {
			c.Writer.Header().Del(name)
		}
	}
	return err
}

// asFile says that the answer is a file of that format, to be kept under the name.
func asFile(c *gin.Context, format feature.Format, name string) {
	c.Header("Content-Type", format.MediaType)
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s%s"`, name, format.Ext))
	c.Header("Cache-Control", "private, no-store")
}

// fileAsked reads the parameters of a file.
func (s *Server) fileAsked(c *gin.Context) (in gazsql.PlaceExport, format feature.Format, options feature.WriteOptions, err error) {
	values, err := readQuery(c.Request.URL.RawQuery)
	if err != nil {
		return in, format, options, err
	}
	columns := gazsql.PlaceColumns()
	in.Equal = map[string]string{}
	for name := range values {
		switch {
		case slices.Contains(columns, name):
			in.Equal[name] = values.Get(name)
		case !slices.Contains(sendingFiles, name):
			return in, format, options, fault.New(fault.Malformed, "bad_parameter", "没有参数 %s：导出文件可用 %s 和属性 %s",
				name, strings.Join(sendingFiles, "、"), strings.Join(columns, "、"))
		}
	}
	if format, err = gazsql.ExportFormat(values.Get("f")); err != nil {
		return in, format, options, err
	}
	options = feature.WriteOptions{ByteOrderMark: true, Folder: s.Scratch}
	switch encoding := values.Get("encoding"); {
	case encoding == "gbk" && format.Name == "shapefile":
		options.GBK = true
	case encoding != "" && encoding != "utf-8":
		return in, format, options, badParameter("encoding", encoding, " utf-8；Shapefile 也可以是 gbk")
	}
	in.Format = format.Name
	day := values.Get("datetime")
	if day == "" {
		day = beijing.Day(s.Now())
	}
	if in.On, err = dayParameter(day); err != nil {
		return in, format, options, err
	}
	if in.Division, err = s.divisionAsked(c); err != nil {
		return in, format, options, err
	}
	if values.Has("bbox") {
		world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
		if in.Bound, err = readBBox(values.Get("bbox"), false, world); err != nil {
			return in, format, options, err
		}
	}
	if values.Has("limit") {
		in.Limit, err = limitOf(c)
	}
	return in, format, options, err
}
