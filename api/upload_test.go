package api_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
)

func sha(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// metadata writes Upload-Metadata from pairs.
func metadata(pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(all, ",")
}

// tus are the headers of a request of tus, with more given as pairs.
func tus(pairs ...string) map[string]string {
	h := map[string]string{"Tus-Resumable": "1.0.0"}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	return h
}

// piece sends bytes from an offset.
func (v visitor) piece(t *testing.T, at string, offset int, body []byte, pairs ...string) (*http.Response, []byte) {
	t.Helper()
	h := tus(append(pairs, "Upload-Offset", fmt.Sprint(offset))...)
	h["Content-Type"] = "application/offset+octet-stream"
	return v.send(t, "PATCH", at, bytes.NewReader(body), h)
}

func (v visitor) wantPiece(t *testing.T, status int, code, at string, offset int, body []byte, pairs ...string) {
	t.Helper()
	res, answer := v.piece(t, at, offset, body, pairs...)
	if res.StatusCode != status || !bytes.Contains(answer, []byte(code)) {
		t.Fatalf("PATCH %s from %d: %d %s, wanted %d %s", at, offset, res.StatusCode, answer, status, code)
	}
}

// handed is a file to hand in.
type handed struct {
	name  string
	bytes []byte
}

// handIn hands files in as one submission under a new id, to where about says, and returns it received.
func (v visitor) handIn(t *testing.T, about object, files ...handed) object {
	t.Helper()
	path, list := "/api/submissions/"+uuid.Must(uuid.NewV7()).String(), []object{}
	for _, f := range files {
		list = append(list, object{"name": f.name, "size": len(f.bytes), "sha256": sha(f.bytes)})
	}
	about["files"] = list
	for i, f := range v.want(t, 201, "PUT", path, about, nil).list("files") {
		v.wantPiece(t, 204, "", "/api/uploads/"+f.text("id"), 0, files[i].bytes)
	}
	return v.want(t, 200, "GET", path, nil, nil)
}

// TestAFileComesInPieces uploads a track as a client of tus does, with every mistake on the way.
func TestAFileComesInPieces(t *testing.T) {
	w := newWorld(t)
	v, gpx := w.as(t, "north"), w.walk(1, 0, 9000)
	id := uuid.Must(uuid.NewV7()).String()
	about := metadata("filename", "../巡查.gpx", "submissionId", id, "lineId", w.line.String(), "receiver", "handheld", "sigmaM", "5", "sha256", sha(gpx), "filetype", "x")
	create := tus("Upload-Length", fmt.Sprint(len(gpx)), "Upload-Metadata", about)
	res, _ := v.send(t, "OPTIONS", "/api/uploads", nil, nil)
	if res.StatusCode != 204 || res.Header.Get("Tus-Version") != "1.0.0" || !strings.Contains(res.Header.Get("Tus-Extension"), "checksum") {
		t.Errorf("options: %d %v", res.StatusCode, res.Header)
	}
	v.want(t, 412, "POST", "/api/uploads", nil, map[string]string{"Tus-Resumable": "0.2.2", "Upload-Length": "1"})
	res, _ = v.send(t, "POST", "/api/uploads", nil, create)
	at := res.Header.Get("Location")
	if res.StatusCode != 201 || at == "" || res.Header.Get("Upload-Expires") == "" {
		t.Fatalf("create: %d %v", res.StatusCode, res.Header)
	}
	if res, _ = v.send(t, "POST", "/api/uploads", nil, create); res.StatusCode != 200 || res.Header.Get("Location") != at {
		t.Errorf("created again: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	half := len(gpx) / 2
	one, two := sha256.Sum256(gpx[:half]), sha1.Sum(gpx[half:])
	v.wantPiece(t, 204, "", at, 0, gpx[:half], "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(one[:]))
	res, body := v.piece(t, at, 0, gpx)
	if res.StatusCode != 409 || res.Header.Get("Upload-Offset") != fmt.Sprint(half) || !bytes.Contains(body, []byte("offset_mismatch")) {
		t.Errorf("from the beginning again: %d %v %s", res.StatusCode, res.Header, body)
	}
	v.wantPiece(t, 460, "checksum_mismatch", at, half, gpx[half:], "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(one[:]))
	v.wantPiece(t, 400, "bad-checksum", at, half, nil, "Upload-Checksum", "md5 x")
	v.wantPiece(t, 400, "body-longer", at, half, append(bytes.Clone(gpx[half:]), 'x'))
	if res, _ = v.send(t, "HEAD", at, nil, tus()); res.Header.Get("Upload-Offset") != fmt.Sprint(half) || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("head: %v", res.Header)
	}
	v.want(t, 404, "GET", at+"/receipt", nil, nil)
	w.as(t, "south").want(t, 404, "GET", at, nil, nil)
	v.wantPiece(t, 204, "", at, half, gpx[half:], "Upload-Checksum", "sha1 "+base64.StdEncoding.EncodeToString(two[:]))
	done := v.want(t, 200, "GET", at, nil, nil)
	if done.text("state") != "received" || done.text("sha256") != sha(gpx) || done.text("fileName") != "巡查.gpx" {
		t.Fatalf("received: %v", done)
	}
	v.want(t, 409, "DELETE", at, nil, tus())
	_, note := v.send(t, "GET", at+"/receipt", nil, nil)
	_, again := v.send(t, "GET", "/api/tracks/"+done.text("trackId")+"/receipt", nil, nil)
	if !bytes.Equal(note, again) || !bytes.Contains(note, []byte("file "+sha(gpx))) {
		t.Errorf("the receipt is %s, of the track %s", note, again)
	}
	if track := w.matched(t, v, done.text("trackId")); track.text("state") != "matched" || track.text("receiver") != "handheld" {
		t.Errorf("the track: %v", track)
	}
	if res, _ = v.send(t, "POST", "/api/uploads", nil, create); res.StatusCode != 200 || res.Header.Get("Upload-Offset") != fmt.Sprint(len(gpx)) {
		t.Errorf("created once more: %d %v", res.StatusCode, res.Header)
	}
}

// TestASubmissionOfSeveralFiles hands in two tracks and a photo under one id.
func TestASubmissionOfSeveralFiles(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	files := map[string][]byte{"一.gpx": w.walk(1, 0, 3000), "二.gpx": w.walk(2, 3000, 6000), "照片.jpg": []byte("\xff\xd8\xff\xe0 a picture")}
	path := "/api/submissions/" + uuid.Must(uuid.NewV7()).String()
	manifest := object{"lineId": w.line, "files": []object{}}
	for _, name := range []string{"一.gpx", "二.gpx", "照片.jpg"} {
		manifest["files"] = append(manifest["files"].([]object), object{"name": name, "size": len(files[name]), "sha256": sha(files[name])})
	}
	open := v.want(t, 201, "PUT", path, manifest, nil)
	v.want(t, 200, "PUT", path, manifest, nil)
	other := object{"lineId": w.line, "files": []object{{"name": "一.gpx", "size": 5, "sha256": sha(nil)}}}
	if p := v.want(t, 409, "PUT", path, other, nil); p.text("code") != "id_reused" || !strings.Contains(p.text("detail"), open.text("manifestSha256")) {
		t.Errorf("another manifest: %v", p)
	}
	for i, f := range open.list("files") {
		at, body := "/api/uploads/"+f.text("id"), files[f.text("fileName")]
		if i == 0 {
			wrong := bytes.Repeat([]byte("x"), len(body))
			v.wantPiece(t, 422, "hash_mismatch", at, 0, wrong)
		}
		if got := v.want(t, 200, "GET", path, nil, nil); got.text("state") != "open" || got["receipt"] != nil {
			t.Fatalf("before file %d: %v", i, got)
		}
		v.wantPiece(t, 204, "", at, 0, body)
	}
	got := v.want(t, 200, "PUT", path, manifest, nil)
	receipt := got.object("receipt")
	if got.text("state") != "received" || len(receipt.list("files")) != 3 || receipt.text("leaf") == "" || receipt.text("note") == "" {
		t.Fatalf("received: %v", got)
	}
	for _, f := range got.list("files") {
		if (f["trackId"] == nil) != (f.text("kind") == "photo") {
			t.Errorf("file %v", f)
		}
	}
	var journal, tracks int
	must(t, w.db.Super.QueryRow(t.Context(), `select (select count(*)::int from journal where subject like 'submission/%'), (select count(*)::int from track)`).Scan(&journal, &tracks))
	if journal != 1 || tracks != 2 {
		t.Errorf("%d entries, %d tracks", journal, tracks)
	}
	// The entry that the receipt names has the leaf it names.
	var proof object
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		res, body := v.send(t, "GET", fmt.Sprintf("/api/ledger/entries/%.0f/proof", receipt["entry"]), nil, nil)
		if proof = decoded(body); res.StatusCode == 200 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("not linked: %d %s", res.StatusCode, body)
		}
	}
	if want := proof.text("algorithm") + " " + proof.text("leafHash"); receipt.text("leaf") != want {
		t.Errorf("the leaf is %s, in the receipt %s", want, receipt.text("leaf"))
	}
	if _, err := boundary.ParseReceipt(strings.Split(receipt.text("note"), "\n\n")[0]); err != nil {
		t.Error(err)
	}
}

// TestUploadsGivenUp drops what was not finished, by its owner and by time.
func TestUploadsGivenUp(t *testing.T) {
	w := newGround(t)
	w.people(t)
	v := w.as(t, "north")
	begin := func() string {
		res, body := v.send(t, "POST", "/api/uploads", strings.NewReader("half"), map[string]string{
			"Tus-Resumable": "1.0.0", "Upload-Length": "8", "Upload-Metadata": metadata("filename", "a.gpx", "lineId", w.line.String()),
			"Content-Type": "application/offset+octet-stream",
		})
		if res.StatusCode != 201 || res.Header.Get("Upload-Offset") != "4" {
			t.Fatalf("begin: %d %v %s", res.StatusCode, res.Header, body)
		}
		return res.Header.Get("Location")
	}
	dropped, expired := begin(), begin()
	v.want(t, 204, "DELETE", dropped, nil, tus())
	v.want(t, 404, "GET", dropped, nil, nil)
	must(t, w.bound.ExpireUploads(t.Context(), today.AddDate(0, 0, 6)))
	v.want(t, 200, "GET", expired, nil, nil)
	must(t, w.bound.ExpireUploads(t.Context(), today.AddDate(0, 0, 8)))
	must(t, w.bound.ExpireUploads(t.Context(), today.AddDate(0, 0, 8))) // the bytes go with the round after
	v.want(t, 404, "GET", expired, nil, nil)
	w.bound.Quota.Set("bytes", 8)
	begin()
	if res, body := v.send(t, "POST", "/api/uploads", nil, tus("Upload-Length", "8", "Upload-Metadata", metadata("lineId", w.line.String()))); res.StatusCode != 429 {
		t.Errorf("over the quota: %d %s", res.StatusCode, body)
	}
}

func TestUploadsThatCannotBegin(t *testing.T) {
	w := newWorld(t)
	v, line := w.as(t, "north"), w.line.String()
	for name, c := range map[string]struct {
		status   int
		code     string
		length   string
		metadata string
		who      string
	}{
		"too large":        {413, "file-too-large", "999999999999", metadata("lineId", line), "north"},
		"no length":        {400, "bad-upload-length", "", metadata("lineId", line), "north"},
		"no line":          {400, "line-missing", "5", "", "north"},
		"not base64":       {400, "bad-metadata", "5", "filename ***", "north"},
		"not an id":        {400, "bad-id", "5", metadata("lineId", "five"), "north"},
		"a bad digest":     {400, "manifest-wrong", "5", metadata("lineId", line, "sha256", "ABC"), "north"},
		"another's line":   {403, "not-your-line", "5", metadata("lineId", line), "stranger"},
		"a clerk":          {403, "not-yours", "5", metadata("lineId", line), "clerk"},
		"never declared":   {404, "submission-unknown", "5", metadata("submissionId", nobody), "north"},
		"a receiver":       {400, "bad-receiver", "5", metadata("lineId", line, "receiver", "sextant"), "north"},
		"in no such round": {404, "inspection-unknown", "5", metadata("inspectionId", nobody), "north"},
	} {
		who := v
		if c.who != "north" {
			who = w.as(t, c.who)
		}
		res, body := who.send(t, "POST", "/api/uploads", nil, tus("Upload-Length", c.length, "Upload-Metadata", c.metadata))
		if res.StatusCode != c.status || !bytes.Contains(body, []byte(`"`+c.code+`"`)) {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
}

// hang begins a request that brings size bytes of an upload as they are written, and tells its status, 0 for none.
func (v visitor) hang(t *testing.T, at string, size int64) (io.WriteCloser, <-chan int) {
	t.Helper()
	body, hanging := io.Pipe()
	req, err := http.NewRequest("PATCH", v.url+at, body)
	must(t, err)
	req.ContentLength = size
	for name, value := range tus("Upload-Offset", "0", "Content-Type", "application/offset+octet-stream") {
		req.Header.Set(name, value)
	}
	first := make(chan int, 1)
	go func() {
		res, err := v.client.Do(req)
		if err != nil {
			first <- 0
			return
		}
		res.Body.Close()
		first <- res.StatusCode
	}()
	return hanging, first
}

// TestAnUploadOfAnotherIsNotBrokenOff lets a stranger go at an upload under way.
func TestAnUploadOfAnotherIsNotBrokenOff(t *testing.T) {
	w := newGround(t)
	w.people(t)
	v, other := w.as(t, "north"), w.as(t, "south")
	res, _ := v.send(t, "POST", "/api/uploads", nil, tus("Upload-Length", "8", "Upload-Metadata", metadata("filename", "a.gpx", "lineId", w.line.String())))
	at := res.Header.Get("Location")
	hanging, first := v.hang(t, at, 8)
	_, err := hanging.Write([]byte("half"))
	must(t, err)
	other.wantPiece(t, http.StatusNotFound, "upload-unknown", at, 0, []byte("x"))
	other.want(t, 404, "DELETE", at, nil, tus())
	_, err = hanging.Write([]byte(" now"))
	must(t, err)
	must(t, hanging.Close())
	if status := <-first; status != http.StatusNoContent {
		t.Errorf("the first request: %d", status)
	}
}

// TestALaterRequestTakesOver continues an upload whose first request hangs with its connection half open.
func TestALaterRequestTakesOver(t *testing.T) {
	w := newGround(t)
	w.people(t)
	v := w.as(t, "north")
	res, _ := v.send(t, "POST", "/api/uploads", nil, tus("Upload-Length", "8", "Upload-Metadata", metadata("filename", "a.gpx", "lineId", w.line.String())))
	at := res.Header.Get("Location")
	hanging, first := v.hang(t, at, 8)
	_, err := hanging.Write([]byte("hal"))
	must(t, err)
	v2 := w.as(t, "north")
	whole := []byte("half now")
	for tries := 0; ; tries++ { // the hanging request may come late and take over in its turn
		head, _ := v2.send(t, "HEAD", at, nil, tus())
		offset, err := strconv.Atoi(head.Header.Get("Upload-Offset"))
		must(t, err)
		if res, _ := v2.piece(t, at, offset, whole[offset:]); res.StatusCode == 204 {
			break
		} else if tries == 20 {
			t.Fatalf("from %d: %d", offset, res.StatusCode)
		}
	}
	must(t, hanging.Close())
	if status := <-first; status/100 == 2 { // its connection was stopped: whatever it hears is to try again
		t.Errorf("the first request: %d", status)
	}
	if got := v2.want(t, 200, "GET", at, nil, nil); got.text("sha256") != sha([]byte("half now")) {
		t.Errorf("got %v", got)
	}
}
