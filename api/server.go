package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/ledger"
)

// Config is what a server needs.
type Config struct {
	Pool            *pgxpool.Pool
	Gaz             *gazsql.Store
	Bound           *boundsql.Store
	Ledger          *ledger.Book          // one over Pool without keys when nil
	BaseURL         string                // of links, without a slash at the end; empty: as the request came
	MapReviewNumber string                // 审图号, shown on every map when set
	Secure          bool                  // cookies over TLS only
	DemoPassword    string                // shown with the demo accounts; empty when there are none
	OIDC            *OIDC                 // a second way in; nil: none
	TrustedProxies  []string              // addresses or networks whose X-Forwarded-For is believed; none when empty
	ExportLimit     gazetteer.ExportLimit // gazetteer.DefaultExportLimit when zero
	Attempts        AttemptLimit          // UsualAttempts where zero
	Reading         ReadingLimit          // UsualReading where zero
	Scratch         string                // folder for temporary files of exports; empty: the system's
	BodyGrace       time.Duration         // within which a body must begin to come at its slowest pace; 30 s when zero
	Log             *slog.Logger
	Now             func() time.Time // time.Now when nil
}

// Server answers requests from a snapshot of what is published and from the stores.
type Server struct {
	Config
	sessions     *scs.SessionManager
	door         *door // nil without a second way in
	snapshot     atomic.Pointer[published]
	tiles        tileCache
	attempts     attempts
	downloads    attempts
	sending      chan struct{} // one for each export that is being sent
	receiving    chan struct{} // one for each file to import that is being received
	fabrics      *fabricChecks[boundsql.Fabric]
	reconcilings *fabricChecks[boundsql.Reconciling]
	holders      holders
	metrics      *metrics
	routes       []route
	handler      http.Handler
	loading      sync.Mutex // one load at a time
	publishing   sync.Mutex // whoever stores a snapshot made of the last one
	dropped      []string   // records withheld since the last load began; under publishing
}

// New prepares a server. It answers /readyz with 503 until Run has loaded the first snapshot.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.ExportLimit.Window == 0 {
		cfg.ExportLimit = gazetteer.DefaultExportLimit
	}
	if cfg.Attempts.Account == 0 {
		cfg.Attempts.Account = UsualAttempts.Account
	}
	if cfg.Attempts.Network == 0 {
		cfg.Attempts.Network = UsualAttempts.Network
	}
	if cfg.Reading == (ReadingLimit{}) {
		cfg.Reading = UsualReading
	}
	if cfg.BodyGrace == 0 {
		cfg.BodyGrace = bodyGrace
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Ledger == nil {
		cfg.Ledger = &ledger.Book{DB: cfg.Pool}
	}
	for _, p := range cfg.TrustedProxies {
		if err := CheckProxy(p); err != nil {
			return nil, err
		}
	}
	s := &Server{Config: cfg, metrics: newMetrics(), sending: make(chan struct{}, maxSending), receiving: make(chan struct{}, maxReceiving), fabrics: newFabricChecks[boundsql.Fabric](), reconcilings: newFabricChecks[boundsql.Reconciling]()}
	s.sessions = newSessions(cfg.Pool, cfg.Secure)
	var err error
	if s.door, err = newDoor(cfg); err != nil {
		return nil, err
	}
	s.routes = s.table()
	s.handler = s.build()
	return s, nil
}

// CheckProxy refuses what is neither an address nor a network in CIDR form, and networks that are everybody.
func CheckProxy(text string) error {
	if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Bits() > 0 {
		return nil
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return nil
	}
	return fmt.Errorf("“%s”不是代理的地址或网段：请写成 10.0.0.5 或 10.0.0.0/24", text)
}

// Handler is the whole server as an http.Handler.
func (s *Server) Handler() http.Handler { return s.handler }

// Ready reports whether a snapshot is loaded.
func (s *Server) Ready() bool { return s.snapshot.Load() != nil }

func init() { gin.SetMode(gin.ReleaseMode) }

// Timeouts of the server: headers must come at once; bodies and answers may take their time, but not for ever.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 10 * time.Minute
	writeTimeout  = 15 * time.Minute // counts from the end of the header: an upload and its answer
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 15 * time.Second
)

// Serve answers on the listener and keeps the snapshot in step until ctx ends, then lets running requests finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(ctx) })
	g.Go(func() error { return s.tidy(ctx) })
	g.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		return srv.Shutdown(drain)
	})
	return g.Wait()
}
