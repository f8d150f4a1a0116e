package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"fangyu/boundary"
	"fangyu/geo/photo"
	"fangyu/internal/fault"
)

// readPhotos reads what photos say of themselves.
func readPhotos(paths []string) ([]boundary.Photo, error) {
	var photos []boundary.Photo
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "file-missing", "打不开照片 %s：请确认文件存在且可读", path)
		}
		photos = append(photos, boundary.Photo{Name: path, Photo: photo.Read(path, b)})
	}
	return photos, nil
}

// printPhotos prints for people which marker each photo shows, and what is wrong with it.
func printPhotos(out io.Writer, photos []boundary.Photo, markers []boundary.MarkerPosition) error {
	var b strings.Builder
	for _, p := range photos {
		fmt.Fprintf(&b, "  照片 %s：%s\n", p.Name, subjectText(p, markers))
		for _, f := range p.Findings {
			fmt.Fprintf(&b, "    [%s] %s\n", f.Severity.Label(), f.Detail)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// subjectText says which marker a photo shows, or why nobody can tell.
func subjectText(p boundary.Photo, markers []boundary.MarkerPosition) string {
	if p.Position == nil {
		return "没有读出拍摄位置"
	}
	if len(markers) == 0 {
		return "没有界桩可比：要认出拍的是哪座界桩，请用 --markers 给出界桩文件"
	}
	found, certain := boundary.Sightings(p, markers)
	var stones []string
	for _, s := range found {
		stones = append(stones, fmt.Sprintf("%s%s（%.0f 米）", s.Number, s.Stone, s.DistanceM))
	}
	switch {
	case len(stones) == 0:
		return "附近没有界桩"
	case certain:
		return "界桩 " + stones[0]
	}
	return "可能是界桩 " + strings.Join(stones, "、") + "，请说明是哪一座"
}
