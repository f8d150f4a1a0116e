package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// idempotencyLife is how long an answer is kept for a repeated request; abandonedAfter when a request that never finished
// (its server was killed) no longer stands in the way; a repeated request waits busyWait for the first one to end; and an
// answer is kept within keepWait even when its client is gone.
const (
	idempotencyLife = 7 * 24 * time.Hour
	abandonedAfter  = time.Minute
	busyWait        = 5 * time.Second
	busyLook        = 50 * time.Millisecond
	keepWait        = 10 * time.Second
)

// once serves a submission that carries an Idempotency-Key one time only: the same key with the same body gets the first
// answer again, with another body 409. Without a key it is served as it is. Only answers of success are kept, so that
// what failed can be sent again.
//
// serve gives what it makes the id it is handed. That id stays with the key, so that a request whose server was killed
// after it had made something, and before the answer was kept, finds it when it is sent again instead of making another.
func (s *Server) once(c *gin.Context, serve func(id uuid.UUID) error) error {
	key := c.GetHeader("Idempotency-Key")
	if key == "" {
		return serve(gazsql.NewID())
	}
	if len(key) > 200 {
		return keyTooLong()
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
func (s *Server) onceFor(c *gin.Context, key, hash string, serve func(id uuid.UUID) error) error {
	ctx, who, now := c.Request.Context(), actor(c).Key(), s.Now()
	var id uuid.UUID
	err := s.Pool.QueryRow(ctx, `
		insert into idempotency (actor, key, body_hash, at, made_id) values (@who, @key, @hash, @now, @id)
		on conflict (actor, key) do update set body_hash = excluded.body_hash, at = excluded.at, status = null, answer = null, headers = null,
		    made_id = case when idempotency.at < @old then excluded.made_id else idempotency.made_id end
		where idempotency.at < @old
		   or (idempotency.status is null and idempotency.at < @abandoned and idempotency.body_hash = excluded.body_hash)
		returning made_id`,
		pgx.StrictNamedArgs{
			"who": who, "key": key, "hash": hash, "now": now, "id": gazsql.NewID(), "old": now.Add(-idempotencyLife),
			"abandoned": now.Add(-abandonedAfter),
		}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.answerAgain(c, who, key, hash)
	}
	if err != nil {
		return err
	}
	kept := &keepingWriter{ResponseWriter: c.Writer}
	c.Writer = kept
	err = serve(id)
	c.Writer = kept.ResponseWriter
	// What was done stays done when the client goes away meanwhile, and it is the client who will ask again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWait)
	defer cancel()
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

// kept is the answer of an earlier request with the same key.
type kept struct {
	Hash    string            `db:"body_hash"`
	Status  *int              `db:"status"`
	Answer  []byte            `db:"answer"`
	Headers map[string]string `db:"headers"`
}

// earlier returns what is known of a key of this actor; pgx.ErrNoRows when nothing is.
func (s *Server) earlier(c *gin.Context, who, key string) (kept, error) {
	rows, err := s.Pool.Query(c.Request.Context(), `
		select body_hash, status, answer, headers from idempotency where actor = $1 and key = $2`, who, key)
	if err != nil {
		return kept{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[kept])
}

// answerAgain gives the first answer again, waiting a little for it where it is still being made.
func (s *Server) answerAgain(c *gin.Context, who, key, hash string) error {
	for until := time.Now().Add(busyWait); ; {
		first, err := s.earlier(c, who, key)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fault.New(fault.Conflict, "idempotency-key-busy", "同一请求刚刚失败，请重新提交")
		case err != nil:
			return err
		case first.Hash != hash:
			return keyReused()
		case first.Status != nil && *first.Status == http.StatusGone:
			return fault.New(fault.Gone, "answer-gone", "这个请求已经办理，当时的回答不再保留：请到列表中查看")
		case first.Status != nil:
			first.write(c)
			return nil
		case time.Now().After(until):
			return fault.New(fault.Conflict, "idempotency-key-busy", "同一请求正在处理，请稍后再试")
		}
		select {
		case <-c.Request.Context().Done():
			return c.Request.Context().Err()
		case <-time.After(busyLook):
		}
	}
}

func (k kept) write(c *gin.Context) {
	for name, value := range k.Headers {
		if value != "" {
			c.Header(name, value)
		}
	}
	c.Data(*k.Status, "application/json; charset=utf-8", k.Answer)
}

func keyTooLong() error {
	return fault.New(fault.Malformed, "idempotency-key-long", "Idempotency-Key 超过 200 字节")
}

func keyReused() error {
	return fault.New(fault.Conflict, "idempotency-key-reused", "这个 Idempotency-Key 已用于另一内容的请求：请换一个")
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
