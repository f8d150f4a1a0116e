package photo

import (
	"encoding/binary"
)

// box is a box of an ISO base media file: what it is called and what it holds.
type box struct {
	kind string
	body []byte
}

// nextBox splits the first box off; ok is false where there is none that is whole. A box always takes at least its header,
// so that whoever goes from box to box comes to an end.
func nextBox(b []byte) (first box, rest []byte, ok bool) {
	if len(b) < 8 {
		return box{}, nil, false
	}
	size, header := uint64(binary.BigEndian.Uint32(b)), uint64(8)
	switch size {
	case 0:
		size = uint64(len(b))
	case 1:
		if len(b) < 16 {
			return box{}, nil, false
		}
		size, header = binary.BigEndian.Uint64(b[8:]), 16
	}
	if size < header || size > uint64(len(b)) {
		return box{}, nil, false
	}
	return box{string(b[4:8]), b[header:size]}, b[size:], true
}

// boxes are the boxes that stand one after the other; whole is false where something is left that is no box.
func boxes(b []byte) (list []box, whole bool) {
	for range maxParts {
		if len(b) == 0 {
			return list, true
		}
		first, rest, ok := nextBox(b)
		if !ok {
			return list, false
		}
		list, b = append(list, first), rest
	}
	return list, false
}

// lookHEIC reads the size and the EXIF block of a HEIF still picture (ISO/IEC 23008-12): meta lists the items, iloc says
// where in the file each lies. The largest ispe is that of the picture itself; tiles and thumbnails are smaller.
func lookHEIC(b []byte) picture {
	p := picture{format: HEIC}
	list, whole := boxes(b)
	p.cut = !whole
	for _, top := range list {
		if top.kind != "meta" || len(top.body) < 4 {
			continue
		}
		inner, _ := boxes(top.body[4:])
		var item uint32
		for _, in := range inner {
			switch in.kind {
			case "iinf":
				item = exifItem(in.body)
			case "iprp":
				p.width, p.height = largestExtent(in.body)
			}
		}
		for _, in := range inner {
			if in.kind == "iloc" && item != 0 {
				p.exif = heicExif(located(b, in.body, item))
			}
		}
	}
	return p
}

// largestExtent is the largest ispe in the properties, in pixels.
func largestExtent(iprp []byte) (width, height int) {
	list, _ := boxes(iprp)
	for _, in := range list {
		if in.kind != "ipco" {
			continue
		}
		properties, _ := boxes(in.body)
		for _, property := range properties {
			if property.kind != "ispe" || len(property.body) < 12 {
				continue
			}
			w, h := clampedInt(binary.BigEndian.Uint32(property.body[4:])), clampedInt(binary.BigEndian.Uint32(property.body[8:]))
			if w*h > width*height {
				width, height = w, h
			}
		}
	}
	return width, height
}

// exifItem is the number of the item that holds the EXIF block; 0 where there is none.
func exifItem(iinf []byte) uint32 {
	r := cursor{b: iinf}
	if version := r.uint(4) >> 24; version == 0 {
		r.uint(2)
	} else {
		r.uint(4)
	}
	list, _ := boxes(r.b)
	for _, in := range list {
		if in.kind != "infe" {
			continue
		}
		e := cursor{b: in.body}
		var id uint64
		switch e.uint(4) >> 24 {
		case 2:
			id = e.uint(2)
		case 3:
			id = e.uint(4)
		default:
			continue
		}
		e.uint(2)
		if kind := e.uint(4); !e.short && kind == 0x45786966 { // "Exif"
			return uint32(id)
		}
	}
	return 0
}

// located is the bytes of an item that lies in one piece in the file; nil where it does not.
func located(file, iloc []byte, item uint32) []byte {
	r := cursor{b: iloc}
	version, sizes := r.uint(4)>>24, r.uint(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	wide := 2
	if version >= 2 {
		wide = 4
	}
	for range min(r.uint(wide), maxParts) {
		id := r.uint(wide)
		method := uint64(0)
		if version >= 1 {
			method = r.uint(2) & 15
		}
		r.uint(2)
		base, extents := r.uint(baseSize), r.uint(2)
		if version == 0 {
			indexSize = 0
		}
		if uint32(id) != item {
			r.skip(int(extents) * (indexSize + offsetSize + lengthSize))
			continue
		}
		r.uint(indexSize)
		offset, length := base+r.uint(offsetSize), r.uint(lengthSize)
		if r.short || method != 0 || extents != 1 || offset > uint64(len(file)) || length > uint64(len(file))-offset {
			return nil
		}
		return file[offset : offset+length]
	}
	return nil
}

// heicExif takes off what stands before the TIFF header: four bytes that say how much more does.
func heicExif(b []byte) []byte {
	if len(b) < 4 {
		return nil
	}
	if skip := uint64(binary.BigEndian.Uint32(b)); skip <= uint64(len(b)-4) {
		return b[4+skip:]
	}
	return []byte{} // there, but broken
}

// cursor reads numbers one after the other; short is set once there were too few bytes.
type cursor struct {
	b     []byte
	short bool
}

// uint reads n bytes, at most eight, the highest first.
func (c *cursor) uint(n int) (v uint64) {
	if n > len(c.b) || n > 8 {
		c.b, c.short = nil, true
		return 0
	}
	for _, digit := range c.b[:n] {
		v = v<<8 | uint64(digit)
	}
	c.b = c.b[n:]
	return v
}

// skip goes n bytes on.
func (c *cursor) skip(n int) {
	if n > len(c.b) {
		c.b, c.short = nil, true
		return
	}
	c.b = c.b[n:]
}
