package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"

	"fangyu/internal/fault"
)

// idempotencyLife is how long an answer is kept for a repeated request, and abandonedAfter when a request that never
// finished (its server was killed) no longer stands in the way.
const (
	idempotencyLife = 7 * 24 * time.Hour
	abandonedAfter  = time.Minute
)

// once serves a submission that carries an Idempotency-Key one time only: the same key with the same body gets the first
// answer again, with another body 409. Without a key it is served as it is. Only answers of success are kept, so that
// what failed can be sent again.
func (s *Server) once(c *gin.Context, serve func() error) error {
	key := c.GetHeader("Idempotency-Key")
	if key == "" {
		return serve()
	}
	if len(key) > 200 {
		return fault.New(fault.Malformed, "idempotency-key-long", "Idempotency-Key 超过 200 字节")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	if err != nil {
		return err
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(append([]byte(c.Request.Method+" "+c.Request.URL.Path+"\n"), body...))
	return s.onceFor(c, key, hex.EncodeToString(sum[:]), serve)
}

// onceFor is once with the hash of the request already known.
func (s *Server) onceFor(c *gin.Context, key, hash string, serve func() error) error {
	ctx, who, now := c.Request.Context(), actor(c).Key(), s.Now()
	tag, err := s.Pool.Exec(ctx, `
		insert into idempotency (actor, key, body_hash, at) values (@who, @key, @hash, @now)
		on conflict (actor, key) do update set body_hash = excluded.body_hash, at = excluded.at, status = null, answer = null, headers = null
		where idempotency.at < @old or (idempotency.status is null and idempotency.at < @abandoned)`,
		pgx.StrictNamedArgs{
			"who": who, "key": key, "hash": hash, "now": now, "old": now.Add(-idempotencyLife), "abandoned": now.Add(-abandonedAfter),
		})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return s.answerAgain(c, who, key, hash)
	}
	kept := &keepingWriter{ResponseWriter: c.Writer}
	c.Writer = kept
	err = serve()
	c.Writer = kept.ResponseWriter
	if err != nil || kept.Status() >= 300 {
		_, dropErr := s.Pool.Exec(ctx, `delete from idempotency where actor = $1 and key = $2 and status is null`, who, key)
		if err == nil {
			err = dropErr
		}
		return err
	}
	headers, err := json.Marshal(map[string]string{"Location": kept.Header().Get("Location"), "ETag": kept.Header().Get("ETag")})
	if err != nil {
		return err
	}
	_, err = s.Pool.Exec(ctx, `update idempotency set status = $3, answer = $4, headers = $5 where actor = $1 and key = $2`,
		who, key, kept.Status(), kept.body.Bytes(), headers)
	return err
}

func (s *Server) answerAgain(c *gin.Context, who, key, hash string) error {
	var first struct {
		hash    string
		status  *int
		answer  []byte
		headers map[string]string
	}
	err := s.Pool.QueryRow(c.Request.Context(), `select body_hash, status, answer, headers from idempotency where actor = $1 and key = $2`, who, key).
		Scan(&first.hash, &first.status, &first.answer, &first.headers)
	switch {
	case err == pgx.ErrNoRows:
		return fault.New(fault.Busy, "request-running", "同一请求刚刚失败，请重新提交")
	case err != nil:
		return err
	case first.hash != hash:
		return fault.New(fault.Conflict, "idempotency-key-reused", "这个 Idempotency-Key 已用于另一内容的请求：请换一个")
	case first.status == nil:
		return fault.New(fault.Busy, "request-running", "同一请求正在处理，请稍后再试")
	}
	for name, value := range first.headers {
		if value != "" {
			c.Header(name, value)
		}
	}
	c.Data(*first.status, "application/json; charset=utf-8", first.answer)
	return nil
}

// keepingWriter keeps a copy of the answer.
type keepingWriter struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (w *keepingWriter) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

func (w *keepingWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
