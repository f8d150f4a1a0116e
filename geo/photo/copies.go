package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	scale "golang.org/x/image/draw"

	"fangyu/internal/fault"
)

// The longest side of what is shown instead of the original, in pixels.
const (
	PublicPx    = 1600
	ThumbnailPx = 320
)

// maxDecodedBytes is how much a picture may take while it is decoded. A progressive JPEG of 50 million pixels would take
// twice as much.
const maxDecodedBytes = 320 << 20

// maxScans is how many scans a JPEG may have: programs write some ten. Each goes over all pixels, be it of a few bytes.
const maxScans = 100

// Copies makes what is shown instead of the original: JPEG, upright, at most PublicPx and ThumbnailPx long, never larger
// than the original. They are encoded anew from the pixels, so that nothing else of the file is in them: no EXIF, XMP,
// ICC profile, comment, nor what stood behind the picture. What was transparent is white.
//
// b is the file that p was read from. Errors, both Unsupported: "photo-no-copy" for formats without a decoder here (HEIC,
// TIFF) and for pictures that would take too much memory or time; "photo-broken" for pixels that cannot be read.
func Copies(p Photo, b []byte) (public, thumbnail []byte, err error) {
	if p.Format != JPEG && p.Format != PNG || p.WidthPx*p.HeightPx == 0 || p.Refused() ||
		p.picture.decodedBytes() > maxDecodedBytes || p.picture.passes && p.picture.scans > maxScans {
		return nil, nil, fault.New(fault.Unsupported, "photo-no-copy",
			"这张照片不能生成公开副本：可用不超过 %d00 万像素的 JPEG 或 PNG", MaxPixels/1_000_000)
	}
	decode := jpeg.Decode
	if p.Format == PNG {
		decode = png.Decode
	}
	whole, err := decode(bytes.NewReader(b))
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Unsupported, "photo-broken", "照片的图像已损坏，不能生成公开副本：%v", err)
	}
	shown := turn(shrink(whole, PublicPx), p.Orientation)
	if public, err = encode(shown); err != nil {
		return nil, nil, err
	}
	thumbnail, err = encode(shrink(shown, ThumbnailPx))
	return public, thumbnail, err
}

// decodedBytes is about the most that the decoders of the standard library hold of the picture at once.
func (p picture) decodedBytes() int {
	n := p.width * p.height * max(1, p.channels) * max(1, p.bytesEach)
	switch {
	case p.format == JPEG && p.passes:
		n *= 5 // and every coefficient, in four bytes
	case p.format == JPEG && p.channels == 4:
		n *= 2 // and converted
	case p.passes:
		n *= 2 // and a pass
	}
	return n
}

func encode(m image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 85})
	return out.Bytes(), err
}

// shrink makes a picture whose longer side is at most px. Whole pixels are averaged first, as far as that goes, a few rows
// at a time: a scaler with a kernel would hold 32 bytes for every pixel of a narrow copy of full height.
func shrink(m image.Image, px int) *image.RGBA {
	small := average(m, max(1, max(m.Bounds().Dx(), m.Bounds().Dy())/px))
	w, h := small.Bounds().Dx(), small.Bounds().Dy()
	long := max(w, h)
	if long <= px {
		return small
	}
	out := image.NewRGBA(image.Rect(0, 0, max(1, w*px/long), max(1, h*px/long)))
	scale.ApproxBiLinear.Scale(out, out.Bounds(), small, small.Bounds(), scale.Src, nil)
	return out
}

// average makes one pixel of every n × n, over white.
func average(m image.Image, n int) *image.RGBA {
	from := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, (from.Dx()+n-1)/n, (from.Dy()+n-1)/n))
	rows := image.NewRGBA(image.Rect(0, 0, from.Dx(), min(n, from.Dy())))
	for y := range out.Rect.Dy() {
		high := min(n, from.Dy()-y*n)
		draw.Draw(rows, rows.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(rows, image.Rect(0, 0, from.Dx(), high), m, from.Min.Add(image.Pt(0, y*n)), draw.Over)
		for x := range out.Rect.Dx() {
			wide := min(n, from.Dx()-x*n)
			var sum [4]int
			for dy := range high {
				line := rows.Pix[dy*rows.Stride+4*x*n:]
				for dx := range wide {
					for c := range sum {
						sum[c] += int(line[4*dx+c])
					}
				}
			}
			to := out.Pix[y*out.Stride+4*x:]
			for c := range sum {
				to[c] = byte((sum[c] + high*wide/2) / (high * wide))
			}
		}
	}
	return out
}

// turn stands a picture upright that is stored as the orientation of EXIF says.
func turn(m *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			out.SetRGBA(uprightX(x, y, w, h, orientation), uprightY(x, y, w, h, orientation), m.RGBAAt(x, y))
		}
	}
	return out
}

// uprightX and uprightY are where a stored pixel belongs (Exif 3.0, 4.6.5.1.6 Orientation).
func uprightX(x, y, w, h, orientation int) int {
	switch orientation {
	case 2, 3:
		return w - 1 - x
	case 5, 8:
		return y
	case 6, 7:
		return h - 1 - y
	}
	return x
}

func uprightY(x, y, w, h, orientation int) int {
	switch orientation {
	case 3, 4:
		return h - 1 - y
	case 5, 6:
		return x
	case 7, 8:
		return w - 1 - x
	}
	return y
}
