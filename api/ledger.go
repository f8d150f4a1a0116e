package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

const plainText = "text/plain; charset=utf-8"

// checkpoint is the latest signed head of the journal's ledger, or that of a size, for others to keep.
func (s *Server) checkpoint(c *gin.Context) error {
	size, err := sizeOf(c, "size", "0")
	if err != nil {
		return err
	}
	read := s.Ledger.Latest
	if size > 0 {
		read = func(ctx context.Context) (ledger.Checkpoint, error) { return s.Ledger.At(ctx, size) }
	}
	found, err := read(c.Request.Context())
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, plainText, []byte(found.Note))
	return nil
}

// ledgerKey is the public key that checks checkpoints.
func (s *Server) ledgerKey(c *gin.Context) error {
	key, err := s.Ledger.PublicKey()
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, plainText, []byte(key+"\n"))
	return nil
}

// entryProof proves that an entry of the journal lies in the ledger.
func (s *Server) entryProof(c *gin.Context) error {
	seq, err := strconv.ParseInt(c.Param("seq"), 10, 64)
	if err != nil || seq < 1 {
		return fault.New(fault.NotFound, "entry-unknown", "账本中没有序号为 %q 的记录", c.Param("seq"))
	}
	proof, err := s.Ledger.Include(c.Request.Context(), seq)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, proof)
	return nil
}

// consistency proves that the ledger at one size continues the ledger at another.
func (s *Server) consistency(c *gin.Context) error {
	from, err := sizeOf(c, "from", "1")
	if err != nil {
		return err
	}
	to, err := sizeOf(c, "to", "0")
	if err != nil {
		return err
	}
	proof, err := s.Ledger.Continue(c.Request.Context(), from, to)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, proof)
	return nil
}

func sizeOf(c *gin.Context, name, absent string) (int64, error) {
	size, err := strconv.ParseInt(c.DefaultQuery(name, absent), 10, 64)
	if err != nil || size < 0 {
		return 0, badParameter(name, c.Query(name), "检查点的条数")
	}
	return size, nil
}
