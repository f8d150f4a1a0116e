package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb/geojson"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
)

var placeCollection = collectionInfo{
	id: "places", title: "地名 Places", description: "地理实体及其标准地名，各有效期一条；只定位到行政区划的，图形为 null",
	geometry: "any", load: loadPlaces, tileProps: []string{"name", "category", "rank"},
	tables: append([]string{"place", "place_name", "precision_policy"}, divisionTables...),
	props: withValidity(
		propInfo{"name", "string", "标准地名"}, propInfo{"romanization", "string", "罗马字母拼写"},
		propInfo{"readingStatus", "string", "读音状态：approved 已核定，audited 有依据，phrase 无歧义，unverified 未核定"}, propInfo{"category", "string", "类别"},
		propInfo{"class", "string", "分类代码（GB/T 18521 或地方分类）"}, propInfo{"className", "string", "分类"},
		propInfo{"divisionCode", "string", "所在行政区划代码"}, propInfo{"divisionName", "string", "所在行政区划"},
		propInfo{"locatedBy", "string", "定位方式"}, propInfo{"status", "string", "状态"}, propInfo{"synthetic", "boolean", "合成示例"},
		propInfo{"document", "string", "批准文件"}, propInfo{"approvedBy", "string", "批准机关"}, propInfo{"source", "string", "来源"},
		propInfo{"rank", "integer", "显示级"},
	),
}

// rankOf orders labels on a map, 1 first: by the level of the division a place represents, then the rest.
func rankOf(level string) int {
	switch level {
	case "province":
		return 1
	case "prefecture", "county":
		return 2
	case "township":
		return 3
	case "village":
		return 5
	default:
		return 4
	}
}

func loadPlaces(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Gaz.EachPlace(ctx, func(r gazsql.PlaceRow) error {
		items = append(items, placeItem(r.Public()))
		return nil
	})
	return items, err
}

func placeItem(r gazsql.PlaceRow) index.Item {
	var p properties
	p.text("name", r.Name)
	p.text("romanization", r.Romanization)
	p.text("readingStatus", r.ReadingStatus)
	p.text("category", r.Category)
	p.text("class", r.Class)
	p.text("className", r.ClassName)
	p.text("divisionCode", r.DivisionCode)
	p.text("divisionName", r.DivisionName)
	p.text("locatedBy", r.LocatedBy)
	p.text("status", "standard")
	p.flag("synthetic", r.Synthetic)
	p.text("document", r.Document)
	p.text("approvedBy", r.ApprovedBy)
	p.text("source", r.Source)
	p = append(p, index.Prop{Name: "rank", JSON: strconv.AppendInt(nil, int64(rankOf(r.Level)), 10)})
	from, to := p.valid(r.Valid)
	return index.Item{ID: r.ID.String(), From: from, To: to, Geometry: r.Geom, Props: []index.Prop(p)}
}

type placeAnswer struct {
	ID           uuid.UUID               `json:"id"`
	Name         string                  `json:"name"`
	Romanization string                  `json:"romanization"`
	Category     string                  `json:"category"`
	Class        string                  `json:"class"`
	ClassName    string                  `json:"className"`
	Level        string                  `json:"level"`
	DivisionID   *uuid.UUID              `json:"divisionId"`
	DivisionCode string                  `json:"divisionCode"`
	DivisionName string                  `json:"divisionName"`
	RepresentsID *uuid.UUID              `json:"representsDivisionId"`
	LocatedBy    string                  `json:"locatedBy"`
	Status       string                  `json:"status"`
	ValidFrom    *string                 `json:"validFrom"`
	ValidTo      *string                 `json:"validTo"`
	Synthetic    bool                    `json:"synthetic"`
	Document     string                  `json:"document"`
	ApprovedBy   string                  `json:"approvedBy"`
	Source       string                  `json:"source"`
	Lon          *float64                `json:"lon"` // of its point, or of the middle of its line or area
	Lat          *float64                `json:"lat"`
	Geometry     *geojson.Geometry       `json:"geometry"`
	Decimals     *int                    `json:"decimals"` // to which the position was rounded; nil when it is exact
	Names        []nameAnswer            `json:"names"`
	Events       []gazsql.NameEvent      `json:"events"`
	Corrections  []gazsql.NameCorrection `json:"corrections"`

	PlaceCorrections []gazsql.PlaceCorrection `json:"placeCorrections"`
	Twins            []twinAnswer             `json:"twins"`

	Reading placeReading `json:"reading"`

	Grade   gazetteer.Grade        `json:"grade"`
	Version int                    `json:"version"`
	Actions []gazetteer.OpenAction `json:"actions"`
}

// placeReading is how the name is read, on what authority, and how else it could be.
type placeReading struct {
	Status     string                `json:"status"`
	Syllables  []string              `json:"syllables"` // one per character, with tone marks
	ApprovedBy string                `json:"approvedBy"`
	Document   string                `json:"document"`
	Candidates []gazetteer.Candidate `json:"candidates"`
}

// twinAnswer is another record of the same place.
type twinAnswer struct {
	gazsql.Twin
	Names []nameAnswer `json:"names"`
}

// nameAnswer writes an open end as null.
type nameAnswer struct {
	gazsql.NameInTime
	ValidFrom *string `json:"validFrom"`
	ValidTo   *string `json:"validTo"`
}

func namesOf(names []gazsql.NameInTime) []nameAnswer {
	out := make([]nameAnswer, len(names))
	for i, n := range names {
		out[i] = nameAnswer{n, nilText(n.ValidFrom), nilText(n.ValidTo)}
	}
	return out
}

func (s *Server) place(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	who, err := s.whoAsks(c)
	if err != nil {
		return err
	}
	known, err := s.Gaz.Place(c.Request.Context(), who, s.Now(), id)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

func (s *Server) answerPlace(c *gin.Context, r gazsql.KnownPlace) error {
	out := placeAnswer{
		ID: r.ID, Name: r.Name, Romanization: r.Romanization, Category: r.Category, Class: r.Class, ClassName: r.ClassName, Level: r.Level,
		DivisionID: r.DivisionID, DivisionCode: r.DivisionCode, DivisionName: r.DivisionName, RepresentsID: r.RepresentsID, LocatedBy: r.LocatedBy, Status: "standard",
		Synthetic: r.Synthetic, Document: r.Document, ApprovedBy: r.ApprovedBy, Source: r.Source, Names: namesOf(r.Names),
		Grade: r.Grade, Version: r.Version, Actions: r.Actions, Decimals: r.Rounded,
		Reading: placeReading{r.ReadingStatus, gazetteer.SpellSyllables(strings.Fields(r.Reading)), r.ReadingApprovedBy, r.ReadingDocument, r.Candidates},
	}
	out.Events, out.Corrections, out.PlaceCorrections, out.Twins = r.Events, r.Corrections, r.Revisions, make([]twinAnswer, len(r.Twins))
	for i, t := range r.Twins {
		out.Twins[i] = twinAnswer{t, namesOf(t.Names)}
	}
	out.ValidFrom, out.ValidTo = daysOf(r.Valid)
	if r.Valid.UpperType == pgtype.Exclusive && dayNumber(r.Valid.Upper.Time) <= s.today() {
		out.Status = "retired"
	}
	if at := r.Point(); at != nil {
		out.Lon, out.Lat, out.Geometry = &at[0], &at[1], geojson.NewGeometry(r.Geom)
	}
	forOneOnly(c, r.Version)
	c.JSON(http.StatusOK, out)
	return nil
}

// changes is the feed of what was published, in the order in which it became visible.
func (s *Server) changes(c *gin.Context) error {
	after, err := strconv.ParseInt(c.DefaultQuery("after", "0"), 10, 64)
	if err != nil || after < 0 {
		return badParameter("after", c.Query("after"), "上一页最后的序号")
	}
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Changes(c.Request.Context(), after, limit)
	if err != nil {
		return err
	}
	next := ""
	if len(found) == limit {
		next = strconv.FormatInt(found[limit-1].Seq, 10)
	}
	c.JSON(http.StatusOK, gin.H{"items": found, "next": nilText(next)})
	return nil
}

func nilText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
