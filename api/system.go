package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// health says that the process answers.
func (s *Server) health(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
	return nil
}

// ready says that the snapshot is loaded and the database answers.
func (s *Server) ready(c *gin.Context) error {
	if !s.Ready() {
		return fault.New(fault.Busy, "starting", "系统正在启动，请稍后再试")
	}
	if err := s.Pool.Ping(c.Request.Context()); err != nil {
		return fault.Wrap(err, fault.Busy, "database", "数据库暂时没有应答")
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready", "snapshot": s.snapshot.Load().Version})
	return nil
}

// config tells the pages what they show everywhere.
func (s *Server) config(c *gin.Context) error {
	accounts := []demoAccount{}
	if s.DemoPassword != "" {
		found, err := s.Gaz.DemoAccounts(c.Request.Context())
		if err != nil {
			return err
		}
		for _, a := range found {
			accounts = append(accounts, demoAccount{a, s.DemoPassword})
		}
	}
	c.JSON(http.StatusOK, gin.H{
		"mapReviewNumber": s.MapReviewNumber, "notice": referenceNotice, "source": s.source("source"), "asOf": s.source("asOf"), "asOfIs": s.source("asOfIs"),
		"demo": len(accounts) > 0, "demoAccounts": accounts, "oidc": s.door != nil,
	})
	return nil
}

type demoAccount struct {
	gazsql.DemoAccount
	Password string `json:"password"`
}

// source tells where the lines drawn come from, for the map's attribution.
func (s *Server) source(prop string) string {
	if snap := s.snapshot.Load(); snap != nil {
		for _, id := range []string{"lines", "divisions"} {
			if items := snap.Collections[id].Items(); len(items) > 0 {
				return items[0].Text(prop)
			}
		}
	}
	return ""
}

// metrics counts requests and their times.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fangyu_request_seconds", Help: "Time of requests by route.", Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9),
	}, []string{"method", "route", "status"})
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

var countedMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if !slices.Contains(countedMethods, method) {
		method = "other" // anybody can make up methods, and each would stay for ever
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (s *Server) metricsPage(c *gin.Context) error {
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(c.Writer, c.Request)
	return nil
}
