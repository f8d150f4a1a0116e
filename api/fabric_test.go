package api_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// slowReader takes nothing of an answer before it is let.
type slowReader struct {
	*httptest.ResponseRecorder
	once    sync.Once
	answers chan struct{} // closed when the answer begins
	let     chan struct{}
}

func (r *slowReader) Write(p []byte) (int, error) {
	r.once.Do(func() { close(r.answers) })
	<-r.let
	return r.ResponseRecorder.Write(p)
}

// TestASlowReaderOfTheFabricKeepsNobodyWaiting holds an answer back while another asks.
func TestASlowReaderOfTheFabricKeepsNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	north := w.as(t, "north")
	path := "/api/fabric"
	req := httptest.NewRequest(http.MethodGet, north.url+path, nil)
	for _, cookie := range north.client.Jar.Cookies(req.URL) {
		req.AddCookie(cookie)
	}
	slow := &slowReader{ResponseRecorder: httptest.NewRecorder(), answers: make(chan struct{}), let: make(chan struct{})}
	read := make(chan struct{})
	go func() {
		defer close(read)
		w.server.Handler().ServeHTTP(slow, req)
	}()
	defer func() {
		close(slow.let)
		<-read
		if slow.Code != http.StatusOK {
			t.Errorf("the slow one got %d", slow.Code)
		}
	}()
	select {
	case <-slow.answers:
	case <-time.After(20 * time.Second):
		t.Fatal("no answer")
	}
	north.client.Timeout = 5 * time.Second
	north.want(t, 200, "GET", path+"?toleranceM=1", nil, nil)
}
