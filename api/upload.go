package api

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/internal/fault"
)

// What of tus (https://tus.io/protocols/resumable-upload) is spoken here.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,checksum,expiration,termination"
	tusChecksums  = "sha256,sha1"
	tusBody       = "application/offset+octet-stream"
)

// uploadOptions says what of tus is spoken.
func (s *Server) uploadOptions(c *gin.Context) error {
	h := c.Writer.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusChecksums)
	h.Set("Tus-Max-Size", strconv.FormatInt(boundsql.MaxTrackBytes, 10))
	c.Status(http.StatusNoContent)
	return nil
}

// speaksTus refuses another version of tus. Who only reads need not say any.
func speaksTus(c *gin.Context) error {
	c.Header("Tus-Resumable", tusVersion)
	asked := c.GetHeader("Tus-Resumable")
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if asked == tusVersion || asked == "" && reads {
		return nil
	}
	c.Header("Tus-Version", tusVersion)
	return fault.New(fault.Stale, "tus-version", "Tus-Resumable 是“%s”：这里只用 %s", asked, tusVersion)
}

// createUpload begins the upload of a file: one of a submission that was declared, found by its sha256 or name, or one
// that is a submission of its own. The upload of a file that has one is that one.
func (s *Server) createUpload(c *gin.Context) error {
	if err := speaksTus(c); err != nil {
		return err
	}
	in, err := readUploadMetadata(c)
	if err != nil {
		return err
	}
	found, made, err := s.submissionFor(c, in)
	if err != nil {
		return err
	}
	u, err := uploadAmong(found, in.Files[0])
	if err != nil {
		return err
	}
	if c.ContentType() == tusBody && c.Request.ContentLength != 0 && u.State == "open" && u.Offset == 0 {
		if u, err = s.appendTo(c, u.ID, 0); err != nil && !fault.Is(err, "offset_mismatch") { // another request brought them meanwhile
			return err
		}
	}
	c.Header("Location", "/api/uploads/"+u.ID.String())
	writeUploadHeaders(c, u)
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	c.JSON(status, u)
	return nil
}

// submissionFor declares the submission of one file, or finds the one that was declared before.
func (s *Server) submissionFor(c *gin.Context, in boundary.Submission) (found boundsql.Submission, made bool, err error) {
	ctx := c.Request.Context()
	if in.ID != uuid.Nil && in.LineID == uuid.Nil && in.InspectionID == uuid.Nil {
		found, err = s.Bound.Submission(ctx, actor(c), in.ID)
		return found, true, err
	}
	if in.ID == uuid.Nil {
		in.ID = uuid.Must(uuid.NewV7())
	}
	found, made, err = s.Bound.Declare(ctx, actor(c), s.Now(), in)
	return found, made, err
}

// uploadAmong finds a file among those of a submission.
func uploadAmong(found boundsql.Submission, f boundary.ManifestFile) (boundsql.Upload, error) {
	at := slices.IndexFunc(found.Files, func(u boundsql.Upload) bool {
		return f.SHA256 != "" && u.SHA256 != nil && *u.SHA256 == f.SHA256 || f.SHA256 == "" && u.FileName == boundsql.CleanFileName(f.Name)
	})
	if at < 0 {
		return boundsql.Upload{}, fault.New(fault.Conflict, "not-in-manifest", "报送 %s 的清单中没有文件 %s %s", found.ID, f.Name, f.SHA256)
	}
	if u := found.Files[at]; u.Size != f.Size {
		return u, fault.New(fault.Conflict, "not-in-manifest", "清单中 %s 有 %d 字节，Upload-Length 是 %d", u.FileName, u.Size, f.Size)
	}
	return found.Files[at], nil
}

// readUploadMetadata reads what tus says of a file.
func readUploadMetadata(c *gin.Context) (in boundary.Submission, err error) {
	size, err := strconv.ParseInt(c.GetHeader("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return in, fault.New(fault.Malformed, "bad-upload-length", "Upload-Length“%s”应为文件的字节数", c.GetHeader("Upload-Length"))
	}
	file := boundary.ManifestFile{Size: size}
	for _, pair := range strings.Split(c.GetHeader("Upload-Metadata"), ",") {
		name, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		raw, err := base64.StdEncoding.DecodeString(coded)
		value := string(raw)
		if err != nil {
			return in, fault.New(fault.Malformed, "bad-metadata", "Upload-Metadata 的 %s 不是 Base64", name)
		}
		switch name {
		case "filename":
			file.Name = value
		case "sha256":
			file.SHA256 = value
		case "submissionId":
			in.ID, err = idField(name, value)
		default: // clients add fields of their own, such as filetype
			_, err = submissionField(&in, name, value)
		}
		if err != nil {
			return in, err
		}
	}
	in.Files = []boundary.ManifestFile{file}
	return in, nil
}

// upload tells how far an upload has come; to HEAD, in the headers of tus.
func (s *Server) upload(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err == nil {
		err = speaksTus(c)
	}
	if err != nil {
		return err
	}
	u, err := s.settledUpload(c, id)
	if err != nil {
		return err
	}
	writeUploadHeaders(c, u)
	c.JSON(http.StatusOK, u)
	return nil
}

// settledUpload is an upload that no request works at: what it says of the offset stays true until the next one.
func (s *Server) settledUpload(c *gin.Context, id uuid.UUID) (boundsql.Upload, error) {
	ctx := c.Request.Context()
	u, err := s.Bound.LookUpload(ctx, actor(c), id)
	if err != nil || u.State == "received" {
		return u, err
	}
	release, err := s.holders.take(c, id)
	if err != nil {
		return u, err
	}
	defer release()
	return s.Bound.Upload(ctx, actor(c), s.Now(), id)
}

// continueUpload takes the next piece.
func (s *Server) continueUpload(c *gin.Context) error {
	if err := speaksTus(c); err != nil {
		return err
	}
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if c.ContentType() != tusBody {
		return fault.New(fault.Unsupported, "not-offset-stream", "续传的 Content-Type 应为 %s", tusBody)
	}
	offset, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return fault.New(fault.Malformed, "bad-upload-offset", "Upload-Offset“%s”应为已传的字节数", c.GetHeader("Upload-Offset"))
	}
	u, err := s.appendTo(c, id, offset)
	if u.ID != uuid.Nil {
		writeUploadHeaders(c, u)
	}
	if err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// appendTo takes the body of a request as the next piece of an upload.
func (s *Server) appendTo(c *gin.Context, id uuid.UUID, offset int64) (boundsql.Upload, error) {
	sum, want, err := readChecksum(c)
	if err != nil {
		return boundsql.Upload{}, err
	}
	release, err := s.holdUpload(c, id)
	if err != nil {
		return boundsql.Upload{}, err
	}
	defer release()
	body := http.MaxBytesReader(c.Writer, c.Request.Body, boundsql.MaxTrackBytes+1)
	u, err := s.Bound.AppendUpload(c.Request.Context(), actor(c), s.Now(), id, boundsql.UploadPiece{Offset: offset, Body: body, Sum: sum, Want: want})
	if err != nil {
		err = incomplete(err)
	}
	return u, err
}

// readChecksum reads Upload-Checksum: the name of an algorithm and what it comes to, in Base64.
func readChecksum(c *gin.Context) (sum hash.Hash, want []byte, err error) {
	text := c.GetHeader("Upload-Checksum")
	if text == "" {
		return nil, nil, nil
	}
	name, coded, _ := strings.Cut(text, " ")
	switch name {
	case "sha256":
		sum = sha256.New()
	case "sha1":
		sum = sha1.New()
	default:
		return nil, nil, fault.New(fault.Malformed, "bad-checksum", "Upload-Checksum 的算法“%s”应为 %s 之一", name, tusChecksums)
	}
	if want, err = base64.StdEncoding.DecodeString(coded); err != nil || len(want) != sum.Size() {
		return nil, nil, fault.New(fault.Malformed, "bad-checksum", "Upload-Checksum 应为算法名和 Base64 的 %d 字节", sum.Size())
	}
	return sum, want, nil
}

func writeUploadHeaders(c *gin.Context, u boundsql.Upload) {
	c.Header("Cache-Control", "no-store")
	c.Header("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	c.Header("Upload-Length", strconv.FormatInt(u.Size, 10))
	if u.ExpiresAt != nil {
		c.Header("Upload-Expires", u.ExpiresAt.UTC().Format(http.TimeFormat))
	}
}

// dropUpload gives up an unfinished submission.
func (s *Server) dropUpload(c *gin.Context) error {
	if err := speaksTus(c); err != nil {
		return err
	}
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	release, err := s.holdUpload(c, id)
	if err != nil {
		return err
	}
	defer release()
	if err := s.Bound.DropUpload(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// uploadReceipt gives the signed receipt of the submission an upload belongs to.
func (s *Server) uploadReceipt(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	u, err := s.settledUpload(c, id)
	if err != nil {
		return err
	}
	found, err := s.Bound.Submission(c.Request.Context(), actor(c), u.SubmissionID)
	if err != nil {
		return err
	}
	return writeReceipt(c, found.Receipt)
}

// trackReceipt gives the signed receipt of a track to whom the file is, and refuses others who see the track.
func (s *Server) trackReceipt(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	track, err := s.Bound.Track(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	if track.Receipt == nil {
		return fault.New(fault.Forbidden, "not-yours", "这条轨迹的回执只由报送单位的经办、负责人、测绘和档案人员以及报送者本人领取")
	}
	return writeReceipt(c, track.Receipt)
}

// writeReceipt answers with a receipt as a file to keep: fangyu verify receipt checks it.
func writeReceipt(c *gin.Context, r *boundary.Receipt) error {
	if r == nil || r.Note == "" {
		return fault.New(fault.NotFound, "receipt-none", "还没有签名的回执：报送的文件到齐后才有")
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="receipt-%s.txt"`, r.SubmissionID))
	c.Data(http.StatusOK, plainText, []byte(r.Note))
	return nil
}

// holdUpload makes an upload of the actor's own this request's alone. Another's it does not touch: what works at it would
// be stopped.
func (s *Server) holdUpload(c *gin.Context, id uuid.UUID) (release func(), err error) {
	if _, err := s.Bound.LookUpload(c.Request.Context(), actor(c), id); err != nil {
		return nil, err
	}
	return s.holders.take(c, id)
}

// A request waits holderGrace for the one before it at the same upload to end by itself, then stops it, and gives up
// after holderWait.
const (
	holderGrace = time.Second
	holderWait  = 10 * time.Second
)

// holders are the requests at work at an upload, one each. Who comes later is the same client, whose connection broke:
// the earlier request, should it still wait for bytes, stops reading, keeps what came, and lets go.
type holders struct {
	mu sync.Mutex
	by map[uuid.UUID]*holder
}

type holder struct {
	stop func()
	gone chan struct{}
}

// take waits until the upload is this request's alone.
//
// Errors: Busy "upload-busy" when the request before does not let go.
func (h *holders) take(c *gin.Context, id uuid.UUID) (release func(), err error) {
	mine := &holder{stop: func() {}, gone: make(chan struct{})}
	if body, ok := c.Request.Body.(*pacedBody); ok {
		mine.stop = body.stop
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), holderWait)
	defer cancel()
	grace := time.NewTimer(holderGrace)
	defer grace.Stop()
	for {
		h.mu.Lock()
		other := h.by[id]
		if other == nil {
			if h.by == nil {
				h.by = map[uuid.UUID]*holder{}
			}
			h.by[id] = mine
		}
		h.mu.Unlock()
		if other == nil {
			return func() {
				h.mu.Lock()
				delete(h.by, id)
				h.mu.Unlock()
				close(mine.gone)
			}, nil
		}
		select {
		case <-other.gone:
		case <-grace.C:
			other.stop()
			grace.Reset(holderGrace)
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.Busy, "upload-busy", "这个文件正由另一个请求接收：请稍后再传")
		}
	}
}
