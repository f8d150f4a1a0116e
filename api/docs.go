package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
)

//go:embed openapi.yaml
var openAPISource []byte

// document is openapi.yaml, read once.
var document = sync.OnceValue(func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openAPISource)
	if err != nil {
		panic("api: openapi.yaml: " + err.Error())
	}
	return doc
})

// documentAt is a document as JSON with the address it is served from.
func documentAt(doc *openapi3.T, base string) ([]byte, error) {
	placed := *doc
	placed.Servers = openapi3.Servers{{URL: base}}
	return json.Marshal(&placed)
}

// ogcDocument is the part of the document that is the OGC API, its paths relative to /ogc: clients look for
// /collections/places/items there, and read the page size from its limit.
var ogcDocument = sync.OnceValue(func() *openapi3.T {
	doc := *document()
	doc.Paths = openapi3.NewPaths()
	for path, item := range document().Paths.Map() {
		if below, ok := strings.CutPrefix(path, "/ogc"); ok {
			if below == "" {
				below = "/"
			}
			doc.Paths.Set(below, item)
		}
	}
	return &doc
})

func (s *Server) openAPI(c *gin.Context) error {
	body, err := documentAt(document(), s.base(c)+"/")
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json", body)
	return nil
}

func (s *Server) ogcAPI(c *gin.Context) error {
	body, err := documentAt(ogcDocument(), s.base(c)+"/ogc")
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/vnd.oai.openapi+json;version=3.0", body)
	return nil
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>方舆接口说明</title>
<style>body{font:16px/1.7 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d5dbe3;padding:.4rem .6rem;text-align:left;vertical-align:top}code{font-size:.95em;word-break:break-all}
th{white-space:nowrap}</style>
<h1>方舆接口说明</h1><p>{{.About}}</p><p><a href="/openapi.json">OpenAPI 定义</a> · <a href="/ogc">OGC API</a></p>
<table><tr><th>方法</th><th>地址</th><th>内容</th><th>登录</th></tr>
{{range .Routes}}<tr><td>{{.Method}}</td><td><code>{{.Path}}</code></td><td>{{.Summary}}</td><td>{{if .SignIn}}需要{{else}}不需要{{end}}</td></tr>
{{end}}</table></html>`))

type docsRoute struct {
	Method, Path, Summary string
	SignIn                bool
}

// docs lists the routes for people, without anything from elsewhere.
func (s *Server) docs(c *gin.Context) error {
	var routes []docsRoute
	for path, item := range document().Paths.Map() {
		for method, op := range item.Operations() {
			routes = append(routes, docsRoute{method, path, op.Summary, op.Security != nil})
		}
	}
	slices.SortFunc(routes, func(a, b docsRoute) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	var page bytes.Buffer
	err := docsPage.Execute(&page, struct {
		About  string
		Routes []docsRoute
	}{document().Info.Description, routes})
	if err != nil {
		return err
	}
	writePaper(c, page.Bytes())
	return nil
}
