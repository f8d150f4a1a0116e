package gazsql

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// maxListFile bounds one list in a zip, in bytes.
const maxListFile = 1 << 20

// OpenCodeLists reads the lists of a zip, tables of tabs named by their month as 201112.tsv; other files in it are left
// aside.
//
// Errors: NotFound "file-unreadable"; Malformed "bad-zip"; those of gazetteer.ReadCodeList.
func OpenCodeLists(file string) (CodeLists, error) {
	in := CodeLists{File: filepath.Base(file)}
	days, err := gazetteer.KnownDays()
	if err != nil {
		return in, err
	}
	in.Days = days
	in.SHA256, err = eachInZip(file, func(name string, content []byte) error {
		if month, isList := strings.CutSuffix(name, ".tsv"); !isList || strings.Trim(month, "0123456789") != "" {
			return nil
		}
		list, err := gazetteer.ReadCodeList(bytes.NewReader(content), name)
		in.Lists = append(in.Lists, list)
		return err
	})
	slices.SortFunc(in.Lists, func(a, b gazetteer.CodeList) int { return a.Day.Compare(b.Day) })
	return in, err
}

// OpenTownshipList reads a zip of files named by the code of a county, each a JSON object of township codes and names.
//
// Errors: NotFound "file-unreadable"; Malformed "bad-zip", "bad-list".
func OpenTownshipList(file string) (gazetteer.TownshipList, error) {
	list := gazetteer.TownshipList{}
	_, err := eachInZip(file, func(name string, content []byte) error {
		county, isList := strings.CutSuffix(name, ".json")
		code, system, err := gazetteer.ParseCode(county)
		if !isList || err != nil || system != gazetteer.GBT2260 {
			return nil
		}
		townships := map[gazetteer.DivisionCode]string{}
		if err := json.Unmarshal(content, &townships); err != nil {
			return fault.Wrap(err, fault.Malformed, "bad-list", "%s 里的 %s 不是代码与名称的对照表（JSON）", filepath.Base(file), name)
		}
		list[code] = townships
		return nil
	})
	return list, err
}

// eachInZip calls do with the name, without its folder, and the content of every file of a zip. It returns the digest of
// the zip.
func eachInZip(file string, do func(name string, content []byte) error) (digest string, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "file-unreadable", "读不到 %s：请检查路径", file)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return "", fault.Wrap(err, fault.Malformed, "bad-zip", "%s 不是可读的 zip 文件", filepath.Base(file))
	}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		content, err := readZipped(f)
		if err != nil {
			return "", fault.Wrap(err, fault.Malformed, "bad-zip", "%s 里的 %s 读不出来，或超过 %d 字节", filepath.Base(file), f.Name, maxListFile)
		}
		if err := do(path.Base(f.Name), content); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

func readZipped(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxListFile+1))
	if err == nil && len(content) > maxListFile {
		err = io.ErrShortBuffer
	}
	return content, err
}
