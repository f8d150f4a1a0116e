package boundary

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"fangyu/geo/photo"
	"fangyu/internal/fault"
)

// MaxFiles bounds the files of one submission.
const MaxFiles = 200

// ManifestFile is a file that a device means to hand in.
type ManifestFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`             // bytes
	SHA256 string `json:"sha256,omitempty"` // lower-case hexadecimal; empty where the device could not tell
}

// Submission (报送) is what a device hands in at once under an id it made itself: files for a line, or for an inspection
// and so its line.
type Submission struct {
	ID           uuid.UUID
	LineID       uuid.UUID
	InspectionID uuid.UUID
	Receiver     string  // empty: phone
	SigmaM       float64 // standard deviation of a position in metres; 0: the receiver's usual one
	Files        []ManifestFile
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Check refuses a manifest that cannot be fulfilled; no file may be larger than maxBytes.
//
// Errors: Malformed "manifest-wrong" naming the file and what is wrong; TooLarge "file-too-large" with the limit.
func (s Submission) Check(maxBytes int64) error {
	if s.ID == uuid.Nil {
		return fault.New(fault.Malformed, "manifest-wrong", "没有报送编号：请由设备生成一个 UUIDv7")
	}
	if len(s.Files) == 0 || len(s.Files) > MaxFiles {
		return fault.New(fault.Malformed, "manifest-wrong", "清单有 %d 个文件：一次报送应有 1 到 %d 个", len(s.Files), MaxFiles)
	}
	seen := map[string]bool{}
	for i, f := range s.Files {
		switch {
		case f.Size < 0:
			return fault.New(fault.Malformed, "manifest-wrong", "清单第 %d 个文件的大小 %d 不是字节数", i+1, f.Size)
		case f.Size > maxBytes:
			return fault.New(fault.TooLarge, "file-too-large", "清单第 %d 个文件有 %d 字节，超过上限 %d 字节", i+1, f.Size, maxBytes)
		case f.SHA256 != "" && !digestPattern.MatchString(f.SHA256):
			return fault.New(fault.Malformed, "manifest-wrong", "清单第 %d 个文件的 sha256 应是 64 位小写十六进制数", i+1)
		case f.SHA256 != "" && seen[f.SHA256]:
			return fault.New(fault.Malformed, "manifest-wrong", "清单第 %d 个文件与前面的文件相同：同一文件只列一次", i+1)
		}
		seen[f.SHA256] = true
	}
	return nil
}

// Digest is the SHA-256 of the whole manifest in lower-case hexadecimal: where the files go, how they were recorded, and
// each file with its place.
func (s Submission) Digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fangyu.manifest/1\n%s %s %q %v\n", s.LineID, s.InspectionID, s.Receiver, s.SigmaM)
	for _, f := range s.Files {
		fmt.Fprintf(&b, "%d %s %q\n", f.Size, f.SHA256, f.Name)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// FileKind is what a file seems to be by its first bytes.
type FileKind string

// The kinds: everything that is no picture is read as a track.
const (
	TrackFile FileKind = "track"
	PhotoFile FileKind = "photo"
)

// KindOf tells pictures by their first bytes, whatever the file is called.
func KindOf(head []byte) FileKind {
	if photo.FormatOf(head) != "" {
		return PhotoFile
	}
	return TrackFile
}
