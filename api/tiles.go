package api

import (
	"bytes"
	"container/list"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"

	"fangyu/geo/index"
	"fangyu/geo/tile"
	"fangyu/internal/fault"
)

const mvtType = "application/vnd.mapbox-vector-tile"

// xyzTile answers /tiles/{id}/{z}/{x}/{y}.mvt.
func (s *Server) xyzTile(c *gin.Context) error {
	y, ok := strings.CutSuffix(c.Param("y"), ".mvt")
	if !ok {
		return fault.New(fault.NotFound, "no-such-tile", "瓦片地址应以 .mvt 结尾")
	}
	return s.tile(c, c.Param("z"), c.Param("x"), y)
}

// ogcTile answers the same tile under the order of OGC API Tiles: row before column.
func (s *Server) ogcTile(c *gin.Context) error {
	return s.tile(c, c.Param("z"), c.Param("col"), c.Param("row"))
}

func (s *Server) tile(c *gin.Context, zText, xText, yText string) error {
	info, items, tag, err := s.found(c)
	if err != nil {
		return err
	}
	var at [3]uint32
	for i, text := range []string{zText, xText, yText} {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return fault.New(fault.NotFound, "no-such-tile", "瓦片的级别与行列号应为非负整数")
		}
		at[i] = uint32(n)
	}
	day := s.today()
	if tagged(c, tag, day) {
		return nil
	}
	key := tileKey{tag, info.id, at, day}
	body, ok := s.tiles.get(key)
	if !ok {
		layer := tile.Layer{Items: items, Day: day, Props: info.tileProps, Keep: keepAt[info.id]}
		if body, err = tile.Encode(at[0], at[1], at[2], layer); err != nil {
			return err
		}
		if body, err = squeezed(body); err != nil {
			return err
		}
		s.tiles.put(key, body)
	}
	return writeTile(c, body)
}

// squeezed compresses a tile once, for as long as it is kept. An empty one stays empty.
func squeezed(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	gz, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := gz.Write(body); err != nil {
		return nil, err
	}
	if err := gz.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// writeTile sends a compressed tile as it is to who takes gzip, and unpacked to who does not.
func writeTile(c *gin.Context, body []byte) error {
	if len(body) == 0 {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Header("Content-Encoding", "gzip")
		c.Data(http.StatusOK, mvtType, body)
		return nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return err
	}
	c.Header("Content-Type", mvtType)
	c.Status(http.StatusOK)
	_, err = io.Copy(c.Writer, plain)
	return err
}

// keepAt says from which zoom on items are drawn: places by rank, so that low zooms stay light; divisions by level.
var keepAt = map[string]func(z uint32, it *index.Item) bool{
	"places": func(z uint32, it *index.Item) bool {
		switch it.Text("rank") {
		case "1", "2":
			return true
		case "3":
			return z >= 8
		default:
			return z >= 11
		}
	},
	"markers":  func(z uint32, _ *index.Item) bool { return z >= 7 },
	"coverage": func(z uint32, _ *index.Item) bool { return z >= 7 },
}

// tileRoom bounds the tiles kept, in bytes.
const tileRoom = 64 << 20

type tileKey struct {
	content, collection string
	at                  [3]uint32
	day                 int32
}

// tileCache keeps the tiles used last.
type tileCache struct {
	mu    sync.Mutex
	byKey map[tileKey]*list.Element
	used  *list.List // front: used last
	bytes int
}

type cachedTile struct {
	key  tileKey
	body []byte
}

func (t *tileCache) get(key tileKey) ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.byKey[key]
	if !ok {
		return nil, false
	}
	t.used.MoveToFront(e)
	return e.Value.(*cachedTile).body, true
}

func (t *tileCache) put(key tileKey, body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey == nil {
		t.byKey, t.used = map[tileKey]*list.Element{}, list.New()
	}
	if _, there := t.byKey[key]; there {
		return
	}
	t.byKey[key] = t.used.PushFront(&cachedTile{key, body})
	t.bytes += len(body) + 200
	for t.bytes > tileRoom {
		t.forget(t.used.Back())
	}
}

// keep forgets the tiles of every content but these, by collection, and with them what was withheld.
func (t *tileCache) keep(tags map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, e := range t.byKey {
		if tags[key.collection] != key.content {
			t.forget(e)
		}
	}
}

func (t *tileCache) forget(e *list.Element) {
	old := e.Value.(*cachedTile)
	t.used.Remove(e)
	delete(t.byKey, old.key)
	t.bytes -= len(old.body) + 200
}
