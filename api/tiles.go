package api

import (
	"container/list"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

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
	info, items, snap, err := s.found(c)
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
	if tagged(c, snap, day) {
		return nil
	}
	key := tileKey{snap.Version, info.id, at, day}
	body, ok := s.tiles.get(key)
	if !ok {
		layer := tile.Layer{Items: items, Day: day, Props: info.tileProps, Keep: keepAt[info.id]}
		if body, err = tile.Encode(at[0], at[1], at[2], layer); err != nil {
			return err
		}
		s.tiles.put(key, body)
	}
	if len(body) == 0 {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Data(http.StatusOK, mvtType, body)
	return nil
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
	version, collection string
	at                  [3]uint32
	day                 int32
}

// tileCache keeps the tiles used last. A new snapshot has new keys; the old ones fall out at the end.
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
		last := t.used.Back()
		old := last.Value.(*cachedTile)
		t.used.Remove(last)
		delete(t.byKey, old.key)
		t.bytes -= len(old.body) + 200
	}
}
