package photo

import (
	"math"
	"strings"
	"time"

	"fangyu/internal/beijing"
)

// apart is how far the camera's clock and the satellites' time may differ without a word.
const apart = 10 * time.Minute

// date decides when the picture was taken. The satellites' time comes first: nobody sets it, it needs no zone, and it is
// that of the position.
func (p *Photo) date(e exif) {
	clock, zoned, written := p.clock(e)
	fix := gpsTime(e.gps, clock)
	switch {
	case !fix.IsZero():
		p.TakenAt, p.TimeFrom = fix, GPSTime
		if !clock.IsZero() && fix.Sub(clock).Abs() > apart {
			p.find("times_differ", fix.In(beijing.Zone).Format(layout), written)
		}
	case clock.IsZero():
		p.find("no_time")
	case zoned:
		p.TakenAt, p.TimeFrom = clock, ZonedTime
	default:
		p.TakenAt, p.TimeFrom = clock, BeijingTime
		p.find("time_without_zone", written)
	}
}

const layout = "2006-01-02 15:04:05"

// clock is the time that the camera's own clock showed, in UTC, and as it is written; zoned is false where no zone is said
// and Beijing time was taken. The time of the last change to the file says nothing of when it was taken and is not asked.
func (p *Photo) clock(e exif) (at time.Time, zoned bool, written string) {
	for _, tags := range [][3]uint16{
		{tagOriginal, tagOffsetOriginal, tagSubSecOriginal},
		{tagDigitized, tagOffsetDigital, tagSubSecDigital},
	} {
		written = e.camera[tags[0]].text()
		if strings.Trim(written, "0: -/") == "" {
			continue // how a camera says that its clock was never set
		}
		local, ok := parseClock(written)
		if !ok {
			p.find("bad_time", written)
			continue
		}
		zone, ok := parseOffset(e.camera[tags[1]].text())
		if !ok {
			zone, ok = parseOffset(e.camera[tagOffset].text())
		}
		if !ok {
			zone = 8 * time.Hour
		}
		return local.Add(fraction(e.camera[tags[2]].text()) - zone), ok, written
	}
	return time.Time{}, false, ""
}

// parseClock reads "2026:03:01 16:00:05" and what programs make of it: other separators, a T, a zone behind, which is left
// to its own tag.
func parseClock(s string) (time.Time, bool) {
	if len(s) < 19 {
		return time.Time{}, false
	}
	b := []byte(s[:19])
	if b[4] != b[7] || !strings.ContainsRune(":-/", rune(b[4])) || b[10] != ' ' && b[10] != 'T' {
		return time.Time{}, false
	}
	b[4], b[7], b[10] = '-', '-', ' '
	at, err := time.Parse(layout, string(b))
	return at, err == nil && at.Year() >= 1900 && at.Year() < 9999 // so that it can be written in every zone
}

// parseOffset reads "+08:00" or "Z".
func parseOffset(s string) (time.Duration, bool) {
	at, err := time.Parse("Z07:00", s)
	if err != nil {
		return 0, false
	}
	_, east := at.Zone()
	return time.Duration(east) * time.Second, true
}

// fraction reads the digits behind the point of a second.
func fraction(digits string) (d time.Duration) {
	unit := time.Second / 10
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0
		}
		d += time.Duration(c-'0') * unit
		unit /= 10
	}
	return d
}

// gpsTime is the time of the position; zero where it is not whole. Where the date is missing, it is the day on which it
// lies nearest to the camera's clock.
func gpsTime(gps ifd, clock time.Time) time.Time {
	of := gps[tagTimeStamp]
	hour, minute, second := of.rational(0), of.rational(1), of.rational(2)
	if !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 61) { // NaN too
		return time.Time{}
	}
	since := time.Duration(math.Round((hour*3600+minute*60+second)*1000)) * time.Millisecond
	if written := gps[tagDateStamp].text(); strings.Trim(written, "0: -/") != "" {
		day, ok := parseClock(written + " 00:00:00")
		if !ok {
			return time.Time{}
		}
		return day.Add(since)
	}
	if clock.IsZero() {
		return time.Time{}
	}
	at := clock.Truncate(24 * time.Hour).Add(since)
	switch ahead := at.Sub(clock); {
	case ahead > 12*time.Hour:
		return at.AddDate(0, 0, -1)
	case ahead < -12*time.Hour:
		return at.AddDate(0, 0, 1)
	}
	return at
}
