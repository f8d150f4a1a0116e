package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"fangyu/geo"
	"fangyu/geo/photo"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
)

// photoRead waits until a photo was read and returns it.
func (v visitor) photoRead(t *testing.T, id string) object {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		p := v.want(t, 200, "GET", "/api/photos/"+id, nil, nil)
		if state := p.text("state"); state != "received" && state != "reading" {
			return p
		}
		if time.Now().After(until) {
			t.Fatalf("the photo is still %s", p.text("state"))
		}
	}
}

// TestAPhotoOverHTTP hands a photo in with a track and looks at it as its office and as others do.
func TestAPhotoOverHTTP(t *testing.T) {
	w := newWorld(t)
	v, other := w.as(t, "north"), w.as(t, "south")
	at := geo.Direct(orb.Point{w.markers[1].Lon, w.markers[1].Lat}, 180, 6)
	original := photo.Synthesize(photo.Shot{Position: &at, TakenAt: today, AccuracyM: 3, WidthPx: 2000, HeightPx: 1500})
	sent := v.handIn(t, object{"lineId": w.line}, handed{"一.gpx", w.walk(1, 0, 3000)}, handed{"界桩 一.jpg", original})
	files := sent.list("files")
	id, track := files[1].text("photoId"), files[0].text("trackId")
	p := v.photoRead(t, id)
	if p.text("state") != "read" || p["copies"] != true || p["certain"] != true || p.list("sightings")[0].text("number") != w.markers[1].Number || p.object("facts")["position"] == nil {
		t.Fatalf("%v", p)
	}
	path := "/api/photos/" + id
	for name, wide := range map[string]int{"thumbnail": 320, "public-copy": 1600} {
		res, body := v.send(t, "GET", path+"/"+name, nil, nil)
		got := photo.Read("a.jpg", body)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/jpeg" || got.WidthPx != wide || got.Position != nil || !got.TakenAt.IsZero() ||
			bytes.Contains(body, []byte("Exif")) || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(res.Header.Get("Cache-Control"), "private") {
			t.Errorf("%s: %d %v %+v", name, res.StatusCode, res.Header, got)
		}
		if again, _ := v.send(t, "GET", path+"/"+name, nil, map[string]string{"If-None-Match": res.Header.Get("ETag")}); again.StatusCode != 304 {
			t.Errorf("%s again: %d", name, again.StatusCode)
		}
		other.want(t, 404, "GET", path+"/"+name, nil, map[string]string{"If-None-Match": res.Header.Get("ETag")})
	}
	res, body := v.send(t, "GET", path+"/original", nil, nil)
	if !bytes.Equal(body, original) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment; filename*=utf-8''%E7%95%8C") ||
		res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the original: %v, %d bytes", res.Header, len(body))
	}
	res, body = v.send(t, "GET", "/api/tracks/"+track+"/original", nil, nil)
	if !bytes.Equal(body, w.walk(1, 0, 3000)) || res.Header.Get("Content-Type") != "application/octet-stream" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the original of the track: %v, %d bytes", res.Header, len(body))
	}
	other.want(t, 403, "GET", "/api/tracks/"+track+"/original", nil, nil) // the other side may know of it, and no more
	for _, of := range []string{"lineId=" + w.line.String(), "trackId=" + track, "trackId=" + track + "&lineId=" + w.line.String()} {
		if list := v.want(t, 200, "GET", "/api/photos?"+of, nil, nil).list("items"); len(list) != 1 || list[0].text("id") != id {
			t.Errorf("of %s: %v", of, list)
		}
		if list := other.want(t, 200, "GET", "/api/photos?"+of, nil, nil).list("items"); len(list) != 0 {
			t.Errorf("the other side, of %s: %v", of, list)
		}
	}
	if list := v.want(t, 200, "GET", "/api/photos?inspectionId="+uuid.NewString(), nil, nil).list("items"); len(list) != 0 {
		t.Errorf("of another inspection: %v", list)
	}
	for _, wrong := range []string{"lineId=x", "trackId=x", "trak=1"} {
		v.want(t, 400, "GET", "/api/photos?"+wrong, nil, nil)
	}
	for _, part := range []string{"", "/thumbnail", "/public-copy", "/original"} {
		other.want(t, 404, "GET", path+part, nil, nil)
		w.visitor(t).want(t, 401, "GET", path+part, nil, nil)
	}
}

// TestAPhotoTooLargeIsRefusedWhenItIsWhole sends a picture that says it has 3,600 million pixels.
func TestAPhotoTooLargeIsRefusedWhenItIsWhole(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	large := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00crc.")
	path := "/api/submissions/" + uuid.Must(uuid.NewV7()).String()
	declared := v.want(t, 201, "PUT", path, object{"lineId": w.line, "files": []object{{"name": "大.png", "size": len(large)}}}, nil)
	at := "/api/uploads/" + declared.list("files")[0].text("id")
	half := len(large) / 2
	v.wantPiece(t, http.StatusNoContent, "", at, 0, large[:half])
	v.wantPiece(t, http.StatusUnprocessableEntity, "image_too_large", at, half, large[half:])
	if got := v.want(t, 200, "GET", path, nil, nil); got.text("state") != "open" || got.list("files")[0]["offset"] != float64(0) {
		t.Errorf("afterwards: %v", got)
	}
	if list := v.want(t, 200, "GET", "/api/photos", nil, nil).list("items"); len(list) != 0 {
		t.Errorf("recorded: %v", list)
	}
}
