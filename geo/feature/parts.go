package feature

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"fangyu/internal/fault"
)

// The limits of a zip file (ASVS 5.0, 5.2.3). What is unpacked is never written anywhere.
const (
	maxParts     = 1000
	maxListBytes = 2 << 20
	maxUnpacked  = 2 << 30 // of all entries, as the list says and as they come
	maxRatio     = 200     // unpacked to packed, beyond ratioFrom
	ratioFrom    = 64 << 20
)

// parts are the files of a source of several: the entries of a zip file, or the neighbours of a .shp.
type parts struct {
	names []string // as stored; entries of a zip file with their folders
	open  func(name string) (io.ReadCloser, error)
	close func() error
}

// find returns the part whose name is as given; case does not count. "" is none.
func (p *parts) find(name string) string {
	for _, n := range p.names {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return ""
}

// whole reads a small part, nil where there is none.
func (p *parts) whole(name string, most int) ([]byte, error) {
	found := p.find(name)
	if found == "" {
		return nil, nil
	}
	r, err := p.open(found)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(b) > most {
		return nil, fault.New(fault.TooLarge, "file-too-large", "压缩包里的 %s 超过 %d 字节", shown(found), most)
	}
	return b, packError(err)
}

// openParts opens a zip file, or the folder of a .shp.
//
// Errors: Malformed "bad-zip"; TooLarge "file-too-large" for what unpacks beyond reason.
func openParts(file string) (*parts, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件 %s", filepath.Base(file))
	}
	info, err := f.Stat()
	var z *zip.Reader
	if err == nil {
		z, err = listZip(f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	entries := map[string]*zip.File{}
	p := &parts{close: f.Close}
	for _, e := range z.File {
		if e.FileInfo().IsDir() || strings.HasPrefix(e.Name, "__MACOSX/") || entries[e.Name] != nil {
			continue
		}
		entries[e.Name] = e
		p.names = append(p.names, e.Name)
	}
	p.open = func(name string) (io.ReadCloser, error) {
		r, err := entries[name].Open()
		return r, packError(err)
	}
	return p, nil
}

// listZip reads the list of entries and refuses what unpacks beyond reason. An entry that holds more than the list says
// ends with an error when it is read.
func listZip(f io.ReaderAt, size int64) (*zip.Reader, error) {
	bounded := &listReader{r: f, left: maxListBytes}
	z, err := zip.NewReader(bounded, size)
	if bounded.left < 0 || err == nil && len(z.File) > maxParts {
		return nil, fault.New(fault.TooLarge, "file-too-large", "压缩包里的文件超过 %d 个：请只打包要导入的文件", maxParts)
	}
	if err != nil {
		return nil, packError(err)
	}
	bounded.listed = true
	var unpacked, packed uint64
	for _, e := range z.File {
		if e.UncompressedSize64 > maxUnpacked {
			unpacked = maxUnpacked
		}
		unpacked += e.UncompressedSize64
		packed += e.CompressedSize64
	}
	if unpacked > maxUnpacked || unpacked > ratioFrom && unpacked/maxRatio > packed {
		return nil, fault.New(fault.TooLarge, "file-too-large", "压缩包解压后大得不合常理（超过 %d 字节或原大小的 %d 倍），没有读取", int64(maxUnpacked), maxRatio)
	}
	return z, nil
}

// listReader reads no more than so many bytes until the entries are listed.
type listReader struct {
	r      io.ReaderAt
	left   int
	listed bool
}

func (l *listReader) ReadAt(p []byte, offset int64) (int, error) {
	if !l.listed {
		if l.left -= len(p); l.left < 0 {
			return 0, io.ErrUnexpectedEOF
		}
	}
	return l.r.ReadAt(p, offset)
}

// neighbours are a .shp and the files beside it that belong to it.
func neighbours(shp string) (*parts, error) {
	folder, stem := filepath.Dir(shp), stemOf(filepath.Base(shp))
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件夹 %s", folder)
	}
	p := &parts{close: func() error { return nil }}
	for _, e := range all {
		if !e.IsDir() && stemOf(e.Name()) == stem {
			p.names = append(p.names, e.Name())
		}
	}
	p.open = func(name string) (io.ReadCloser, error) { return os.Open(filepath.Join(folder, name)) }
	return p, nil
}

// stemOf is a name without its extension.
func stemOf(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// shown is the name of an entry for people: old packers write it in GBK.
func shown(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
		return s
	}
	return strings.ToValidUTF8(name, "?")
}

// packError gives an error of unpacking its words.
func packError(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Malformed, "bad-zip", "压缩包（或工作簿）已损坏、不完整或加了密：请重新下载、上传，或去掉密码后另存")
}
