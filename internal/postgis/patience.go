package postgis

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// acquireWait is how long somebody waits for a connection of the pool before it is better to be told to come again.
// pgxpool itself waits as long as the request lasts, and a full pool would hold every request with it.
const acquireWait = 1500 * time.Millisecond

// patience bounds the wait for a connection. Who waited in vain gets context.DeadlineExceeded while its own context lives.
type patience struct{}

type patienceEnd struct{}

// TraceAcquireStart gives the acquiring, and nothing after it, a deadline.
func (patience) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	bounded, end := context.WithTimeout(ctx, acquireWait)
	return context.WithValue(bounded, patienceEnd{}, end)
}

// TraceAcquireEnd lets the deadline go.
func (patience) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireEndData) {
	if end, ok := ctx.Value(patienceEnd{}).(context.CancelFunc); ok {
		end()
	}
}

// TraceQueryStart and TraceQueryEnd are there because pgx asks for them; queries are not traced.
func (patience) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (patience) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
