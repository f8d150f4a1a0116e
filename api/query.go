package api

import (
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
)

// otherParameters marks an operation of openapi.yaml that reads its parameters itself.
const otherParameters = "x-other-parameters"

// withKnownParameters lets the handler of a route see only the query parameters that openapi.yaml names for it, each once.
// Others are refused with the list of those it takes. Items and exports, whose parameters depend on the collection, read
// theirs themselves.
//
// Errors: Malformed "bad_parameter".
func withKnownParameters(r route) handler {
	op := operationOf(r)
	if op == nil || op.Extensions[otherParameters] != nil {
		return r.handle
	}
	known := queryParameters(op)
	return func(c *gin.Context) error {
		if c.Request.URL.RawQuery != "" {
			if err := checkParameters(c.Request.URL.RawQuery, known); err != nil {
				return err
			}
		}
		return r.handle(c)
	}
}

// operationOf is what openapi.yaml says of a route, nil for the items of a collection, which it describes one by one.
func operationOf(r route) *openapi3.Operation {
	for path, item := range document().Paths.Map() {
		if samePath(path, r.path) {
			return item.GetOperation(r.method)
		}
	}
	return nil
}

// samePath compares a path of openapi.yaml with one of gin.
func samePath(written, routed string) bool {
	a, b := strings.Split(written, "/"), strings.Split(routed, "/")
	return slices.EqualFunc(a, b, func(a, b string) bool {
		return a == b || strings.HasPrefix(a, "{") && strings.HasPrefix(b, ":")
	})
}

// queryParameters are the names, in order, of the query parameters of an operation.
func queryParameters(op *openapi3.Operation) []string {
	var names []string
	for _, p := range op.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			names = append(names, p.Value.Name)
		}
	}
	slices.Sort(names)
	return names
}

func checkParameters(query string, known []string) error {
	values, err := readQuery(query)
	if err != nil {
		return err
	}
	for name := range values {
		switch {
		case slices.Contains(known, name):
		case len(known) == 0:
			return fault.New(fault.Malformed, "bad_parameter", "没有参数 %s：这个地址不带参数", name)
		default:
			return fault.New(fault.Malformed, "bad_parameter", "没有参数 %s：可用 %s", name, strings.Join(known, "、"))
		}
	}
	if values.Has("f") {
		return checkForm(values.Get("f"))
	}
	return nil
}

// checkForm refuses a form of answer that is not written.
func checkForm(f string) error {
	if f != "json" && f != "geojson" {
		return badParameter("f", f, "json")
	}
	return nil
}

// readQuery reads a query in which each parameter stands once.
func readQuery(query string) (url.Values, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, badParameter("query", query, "以 & 分隔、按百分号编码的参数")
	}
	for name, of := range values {
		if len(of) > 1 {
			return nil, badParameter(name, strings.Join(of, " "), "只出现一次")
		}
	}
	return values, nil
}
