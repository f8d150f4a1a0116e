package api_test

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// Characters outside the Basic Multilingual Plane stay whole from the file to every answer: a name of 𨟠, which the standard
// has, and one of 𣵦, which it has not.
func TestCharactersOutsideTheBasicPlaneStayWhole(t *testing.T) {
	w := newWorld(t)
	names := []string{"𨟠石湾", "𣵦沽湾"}
	text := "name,category,divisionCode,lon,lat\n𨟠石湾,natural-village,500112100,106.71,29.71\n𣵦沽湾,natural-village,500112100,106.72,29.72\n"
	_, err := w.gaz.ImportPlaces(t.Context(), importer, today, gazsql.Import{Source: source(t, "places.csv", text), Frame: geo.CGCS2000})
	must(t, err)
	public, city, north := w.visitor(t), w.as(t, "city"), w.as(t, "north")
	items := func(query string) (string, int) {
		_, body := public.send(t, "GET", "/ogc/collections/places/items?"+query, nil, nil)
		return string(body), strings.Count(string(body), `"type":"Feature"`)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // until what is in memory has followed
		_, n := items("name=" + url.QueryEscape(names[1]))
		if n == 1 && len(public.want(t, 200, "GET", "/api/suggest?q="+url.QueryEscape(names[1]), nil, nil).list("items")) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the snapshot does not have the places")
		}
	}
	for i, name := range names {
		first := string([]rune(name)[:1])
		for _, path := range []string{"/api/search", "/api/suggest"} {
			if hits := public.want(t, 200, "GET", path+"?q="+url.QueryEscape(first), nil, nil).list("items"); len(hits) != 1 || hits[0].text("name") != name {
				t.Errorf("%s %s: %v", path, first, hits)
			}
		}
		if body, n := items("name=" + url.QueryEscape(name)); n != 1 || !strings.Contains(body, name) {
			t.Errorf("items by the name %s: %d", name, n)
		}
		if place := public.want(t, 200, "GET", "/api/places/"+w.placeNamed(t, url.QueryEscape(name)), nil, nil); place.text("name") != name {
			t.Errorf("%s is %q on its page", name, place.text("name"))
		}
		if _, body := north.send(t, "GET", "/api/exports/places", nil, nil); !bytes.Contains(body, []byte(`"`+name+`"`)) {
			t.Errorf("%s is not in the export", name)
		}
		at := maptile.At(orb.Point{106.71 + 0.01*float64(i), 29.71 + 0.01*float64(i)}, 14)
		if _, body := public.send(t, "GET", "/tiles/places/14/"+strconv.Itoa(int(at.X))+"/"+strconv.Itoa(int(at.Y))+".mvt", nil, nil); !bytes.Contains(body, []byte(name)) {
			t.Errorf("%s is not in its tile", name)
		}
	}
	if body, _ := items("sortby=name&category=natural-village"); strings.Index(body, names[1]) > strings.Index(body, names[0]) {
		t.Error("𣵦 U+23D66 sorts after 𨟠 U+287E0")
	}
	if long := public.want(t, 400, "GET", "/api/search?q="+url.QueryEscape("a"+strings.Repeat("𨟠", 100)), nil, nil).text("detail"); strings.ContainsRune(long, utf8.RuneError) {
		t.Errorf("a query was cut within a character: %s", long)
	}

	unread := city.want(t, 200, "GET", "/api/readings", nil, nil).list("items")
	for _, u := range unread {
		if u.text("name") == names[1] {
			place := "/api/places/" + u.text("placeId")
			if c := u.list("candidates"); c[0].text("character") != "𣵦" {
				t.Errorf("the open character is %v", c)
			}
			known := city.want(t, 200, "POST", place+"/reading", object{
				"reading": "diàn gū wān", "reason": "当地读音", "document": object{"title": "读音调查表"},
			}, seen(city.want(t, 200, "GET", place, nil, nil)))
			if known.text("name") != names[1] || known.text("romanization") != "Diàngūwān" || known.object("reading").text("status") != "approved" {
				t.Errorf("approved as %v", known)
			}
			return
		}
	}
	t.Errorf("%s is not among the unread: %v", names[1], unread)
}
