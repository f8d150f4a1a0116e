package api

import "github.com/gin-gonic/gin"

// Route is a line of the route table.
type Route struct {
	Method, Path string
	SignedIn     bool
}

// Routes lists the route table, for the test that holds it against openapi.yaml.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.routes {
		out = append(out, Route{r.method, r.path, r.access != public})
	}
	return out
}

// Collections lists the ids of the collections with their properties.
func Collections() map[string][]string {
	out := map[string][]string{}
	for _, info := range collectionInfos {
		out[info.id] = info.propNames()
	}
	return out
}

// Break adds a route that panics, for the test of recovery. It must be called before the first request.
func (s *Server) Break(path string) {
	s.routes = append(s.routes, route{method: "GET", path: path, handle: func(*gin.Context) error { panic("broken on purpose") }})
	s.handler = s.build()
}

// DatabaseFault names the failures of the database that are nobody's mistake.
var DatabaseFault = databaseFault

// Statuses is the table from kind to status.
var Statuses = statuses

// Document is openapi.yaml.
var Document = document

// OwnPath is where somebody goes after signing in.
var OwnPath = ownPath
