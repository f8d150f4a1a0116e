package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/internal/fault"
)

// maxField bounds a text field of an upload in bytes; maxUpload the whole request, with room for the fields.
const (
	maxField  = 4 << 10
	maxUpload = boundsql.MaxTrackBytes + 1<<20
)

// receiveTrack keeps an uploaded track and answers with its receipt. The file goes straight to the vault while it
// arrives, and is recorded only once the whole request was read and found right. A repeated Idempotency-Key is compared
// by what the parts hold, not by the bytes around them: a browser that sends a form again draws a new boundary.
func (s *Server) receiveTrack(c *gin.Context) error {
	key, ctx := c.GetHeader("Idempotency-Key"), c.Request.Context()
	if len(key) > 200 {
		return keyTooLong()
	}
	sum := sha256.New()
	if key != "" {
		first, err := s.earlier(c, actor(c).Key(), key)
		if err == nil && first.Status != nil {
			return repeatUpload(c, first, sum)
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	var kept boundsql.KeptTrack
	err := readUpload(c, sum, func(in boundsql.ReceiveTrack) (err error) {
		kept, err = s.Bound.KeepTrack(ctx, actor(c), s.Now(), in)
		return err
	})
	if err != nil {
		return err
	}
	record := func(uuid.UUID) error { // the same bytes for the same line are the same track, whatever its id
		track, existing, err := s.Bound.RecordTrack(ctx, actor(c), s.Now(), kept)
		if err != nil {
			return err
		}
		status := http.StatusCreated
		if existing {
			status = http.StatusOK
		}
		c.Header("Location", "/api/tracks/"+track.ID.String())
		etag(c, track.Version)
		c.JSON(status, gin.H{"id": track.ID, "sha256": track.SHA256, "state": track.State, "receipt": track.Receipt})
		return nil
	}
	if key == "" {
		return record(uuid.Nil)
	}
	return s.onceFor(c, key, hex.EncodeToString(sum.Sum(nil)), record)
}

// repeatUpload answers a key that was used before: again when the parts are the same, else 409. Nothing is received.
func repeatUpload(c *gin.Context, first kept, sum hash.Hash) error {
	err := readUpload(c, sum, func(in boundsql.ReceiveTrack) error {
		_, err := io.Copy(io.Discard, in.Body)
		return err
	})
	if err != nil {
		return err
	}
	if first.Hash != hex.EncodeToString(sum.Sum(nil)) {
		return keyReused()
	}
	first.write(c)
	return nil
}

// readUpload reads the parts of a multipart request in their order and calls receive with the file and the fields before
// it. Everything read goes into sum, which afterwards names the upload.
func readUpload(c *gin.Context, sum hash.Hash, receive func(boundsql.ReceiveTrack) error) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxUpload)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return fault.Wrap(err, fault.Unsupported, "not-multipart", "上传轨迹须用 multipart/form-data：先写 lineId 或 inspectionId 等字段，再放 file")
	}
	var in boundsql.ReceiveTrack
	received := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return badPart(err)
		}
		name := part.FormName()
		if received {
			return fault.New(fault.Malformed, "field-after-file", "字段 %s 在 file 之后：请把字段放在文件之前", name)
		}
		fmt.Fprintf(sum, "%q %q\n", name, part.FileName())
		if name != "file" {
			if err := readField(part, sum, &in); err != nil {
				return err
			}
			continue
		}
		in.FileName, in.Body, received = part.FileName(), io.TeeReader(part, sum), true
		if err := receive(in); err != nil {
			return incomplete(err)
		}
	}
	if !received {
		return fault.New(fault.Malformed, "file-missing", "没有 file：请在表单里放上轨迹文件")
	}
	return nil
}

// readField reads one text field of the form.
func readField(part *multipart.Part, sum hash.Hash, in *boundsql.ReceiveTrack) error {
	raw, err := io.ReadAll(io.LimitReader(io.TeeReader(part, sum), maxField+1))
	if err != nil {
		return incomplete(err)
	}
	if len(raw) > maxField {
		return fault.New(fault.Malformed, "field-too-long", "字段 %s 超过 %d 字节", part.FormName(), maxField)
	}
	known, err := submissionField(&in.Submission, part.FormName(), string(raw))
	if !known {
		return fault.New(fault.Malformed, "unknown-field", "没有字段 %s：可用 lineId、inspectionId、receiver、sigmaM、file", part.FormName())
	}
	return err
}

// submissionField reads what is said of a submission under a name, whichever way it is sent; known is false for any other
// name.
func submissionField(in *boundary.Submission, name, value string) (known bool, err error) {
	switch name {
	case "lineId":
		in.LineID, err = idField(name, value)
	case "inspectionId":
		in.InspectionID, err = idField(name, value)
	case "receiver":
		in.Receiver = value
	case "sigmaM":
		in.SigmaM, err = sigmaField(value)
	default:
		return false, nil
	}
	return true, err
}

// sigmaField reads a standard deviation in metres, 0 when the field is empty.
func sigmaField(value string) (float64, error) {
	if value == "" {
		return 0, nil
	}
	sigma, err := strconv.ParseFloat(value, 64)
	if err != nil || !(sigma > 0) {
		return 0, fault.New(fault.Malformed, "bad-sigma", "定位中误差 sigmaM“%s”应为正数（米）", value)
	}
	return sigma, nil
}

// idField reads an id, none when the field is empty.
func idField(name, value string) (uuid.UUID, error) {
	if value == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(value)
	if err != nil {
		return id, fault.New(fault.Malformed, "bad-id", "%s“%s”不是编号", name, value)
	}
	return id, nil
}

// incomplete tells a request that broke off from other trouble. What is a fault already stays one.
func incomplete(err error) error {
	var known *fault.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &tooLarge):
		return fault.New(fault.TooLarge, "file-too-large", "文件超过上限 %d 字节", boundsql.MaxTrackBytes)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.Wrap(err, fault.Malformed, "body-incomplete", "上传中断，内容不完整：请重新上传")
	}
	return err
}

// badPart is for a part that cannot be begun: whatever the reason, it is in what was sent.
func badPart(err error) error {
	err = incomplete(err)
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Malformed, "bad-part", "表单的写法有误：字段名和文件名中不能有控制字符")
}

func (s *Server) track(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.mayDownload(c); err != nil {
		return err
	}
	track, err := s.Bound.Track(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	etag(c, track.Version)
	c.JSON(http.StatusOK, track)
	return nil
}

// tracks lists those of the actor's office.
func (s *Server) tracks(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Bound.Tracks(c.Request.Context(), actor(c), s.Now(), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(t boundsql.Track) uuid.UUID { return t.ID })
}

// trace gives a track as it is looked at to those who may see how it was read.
func (s *Server) trace(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.mayDownload(c); err != nil {
		return err
	}
	trace, err := s.Bound.Trace(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, gin.MIMEJSON, trace)
	return nil
}

// trackOriginal gives a track out as it came.
func (s *Server) trackOriginal(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err == nil {
		err = s.mayDownload(c)
	}
	if err != nil {
		return err
	}
	t, f, err := s.Bound.TrackOriginal(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	return giveOriginal(c, t.FileName, f)
}

func (s *Server) actOnTrack(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	track, err := s.Bound.ActOnTrack(c.Request.Context(), actor(c), s.Now(), id, version,
		boundary.TrackAction{Name: in.Action, Frame: in.Frame, Reason: in.Reason})
	if err != nil {
		return err
	}
	etag(c, track.Version)
	c.JSON(http.StatusOK, track)
	return nil
}
