package boundary

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/photo"
	"fangyu/geo/track"
	"fangyu/internal/beijing"
)

// Photo is a photo that was handed in together with tracks: of the same submission or the same inspection.
type Photo struct {
	Name string // its file's; no other photo of the same tracks has it
	photo.Photo
}

// placed reports whether it says where and when it was taken.
func (p *Photo) placed() bool { return p.Position != nil && !p.TakenAt.IsZero() }

// sigmaM is the standard deviation of its position in metres: what the device states, or that of a phone.
func (p *Photo) sigmaM() float64 {
	if p.AccuracyM != nil {
		return *p.AccuracyM
	}
	return Phone.SigmaM()
}

// Sighting is a marker that a photo may show.
type Sighting struct {
	Number    string  `json:"number"`
	Stone     string  `json:"stone"`
	DistanceM float64 `json:"distanceM"` // of the registered position from that of the photo
	// OffAxisDegrees is by how much the marker lies off the direction of the camera, 0 to 180; nil where the photo names no
	// direction or is too near to the marker for one.
	OffAxisDegrees *float64 `json:"offAxisDegrees,omitempty"`
}

// viewD is how far off the direction of the camera a marker may lie and still be in the picture, degrees: half of a wide
// lens, and as much again as the compass of a phone errs near a reinforced stone.
const viewD = 60

// Sightings returns the markers that a photo may show, the nearest first: registered within Rv = max(15 m, 3σ + σ
// registered) of its position and, where it names its direction, in that direction. certain is true where only the first
// can be meant: the others lie further off by more than twice what the photo's position errs. A photo without position
// shows none; whose it is a person must say.
func Sightings(p Photo, markers []MarkerPosition) (found []Sighting, certain bool) {
	if p.Position == nil {
		return nil, false
	}
	for _, m := range markers {
		d := geo.DistanceM(*p.Position, m.At)
		if d > math.Max(15, 3*p.sigmaM()+m.SigmaM) {
			continue
		}
		s := Sighting{Number: m.Number, Stone: m.Stone, DistanceM: round3(d)}
		if p.DirectionDegrees != nil && d > p.sigmaM() {
			off := math.Abs(math.Remainder(geo.Azimuth(*p.Position, m.At)-*p.DirectionDegrees, 360))
			if off > viewD {
				continue
			}
			off = math.Round(off*10) / 10
			s.OffAxisDegrees = &off
		}
		found = append(found, s)
	}
	slices.SortStableFunc(found, func(a, b Sighting) int {
		return int(math.Copysign(1, a.DistanceM-b.DistanceM))
	})
	return found, len(found) == 1 || len(found) > 1 && found[1].DistanceM-found[0].DistanceM > 2*p.sigmaM()
}

// The rules by which a photo stands to a track (boundary research 5.13): it agrees when the track was within photoPlaceM of
// it within photoTime of its time.
const (
	photoPlaceM = 100
	photoTime   = 10 * time.Minute
	photoFrameM = 50 // how near to a track in its true frame a photo is, at its very time
)

// fix is a usable position of a track with its time.
type fix struct {
	at time.Time
	p  orb.Point
}

// timeline is the timed, usable positions of a track by time.
type timeline []fix

func newTimeline(segments [][]track.Point, cleaned *track.Cleaned) timeline {
	var line timeline
	for i, segment := range segments {
		for k := range segment {
			if p := &segment[k]; !p.Time.IsZero() && cleaned.Flags[i][k].Usable() {
				line = append(line, fix{p.Time, p.LonLat()})
			}
		}
	}
	slices.SortStableFunc(line, func(a, b fix) int { return a.at.Compare(b.at) })
	return line
}

// from is the index of the first position not before the instant.
func (l timeline) from(at time.Time) int {
	i, _ := slices.BinarySearchFunc(l, at, func(f fix, at time.Time) int { return f.at.Compare(at) })
	return i
}

// place is where the track was at an instant, on the straight between two positions less than gapS seconds apart; ok is
// false where there are none.
func (l timeline) place(at time.Time, gapS float64) (p orb.Point, ok bool) {
	i := l.from(at)
	if i < len(l) && l[i].at.Equal(at) {
		return l[i].p, true
	}
	if i == 0 || i == len(l) {
		return p, false
	}
	a, b := l[i-1], l[i]
	span := b.at.Sub(a.at).Seconds()
	if span > gapS {
		return p, false
	}
	share := at.Sub(a.at).Seconds() / span
	return orb.Point{a.p[0] + share*(b.p[0]-a.p[0]), a.p[1] + share*(b.p[1]-a.p[1])}, true
}

// nearest is the distance in metres of the nearest of the positions; infinite for none.
func (l timeline) nearest(p orb.Point) float64 {
	var here geo.Local
	d := math.Inf(1)
	for i := range l {
		d = math.Min(d, here.DistanceM(p, l[i].p))
	}
	return d
}

// around is the part of the track within photoTime of an instant.
func (l timeline) around(at time.Time) timeline {
	return l[l.from(at.Add(-photoTime)):l.from(at.Add(photoTime+1))]
}

// stand is how a photo stands to a track.
type stand int

// silent says nothing of the track: it has no place or time, or was taken when and where the track was not.
const (
	silent    stand = iota
	agrees          // the track was there then
	elsewhere       // the track was somewhere else then
	othertime       // the track was there, at another time
)

// stand tells how a photo stands to the track, and how far from it the track was, in metres, or when.
func (l timeline) stand(p *Photo) (how stand, offM float64) {
	if !p.placed() || len(l) == 0 {
		return silent, 0
	}
	limit := math.Max(photoPlaceM, 3*p.sigmaM())
	if then := l.around(p.TakenAt); len(then) > 0 {
		if offM = then.nearest(*p.Position); offM <= limit {
			return agrees, offM
		}
		return elsewhere, offM
	}
	if offM = l.nearest(*p.Position); offM <= limit {
		return othertime, offM
	}
	return silent, 0
}

// judgePhotos sorts the photos of a track by how they stand to it.
func (t *matchTrack) judgePhotos() {
	if len(t.Photos) == 0 {
		return
	}
	line := newTimeline(inFrame(t.Segments, t.suspected()), t.cleaned)
	t.stands = make([]stand, len(t.Photos))
	t.offM = make([]float64, len(t.Photos))
	for i := range t.Photos {
		t.stands[i], t.offM[i] = line.stand(&t.Photos[i])
	}
}

// suspected is the frame that the track is held for; empty where it is not held.
func (t *matchTrack) suspected() geo.Frame {
	if t.held {
		return t.frame.Frame
	}
	return ""
}

// agreeing counts the photos that agree with the track in place and time.
func (t *matchTrack) agreeing() (n int) {
	for _, s := range t.stands {
		if s == agrees {
			n++
		}
	}
	return n
}

// contradiction is how strongly the photos contradict the track, 0 to 1, and what the first that does says. Those that
// agree with another track of the same day's work contradict none.
func (t *matchTrack) contradiction(agreed map[string]bool) (score float64, detail string) {
	against := 0
	for i, s := range t.stands {
		p := &t.Photos[i]
		if s != elsewhere && s != othertime || agreed[p.Name] {
			continue
		}
		if against++; against > 1 {
			continue
		}
		taken := p.TakenAt.In(beijing.Zone).Format("2006-01-02 15:04")
		if s == elsewhere {
			detail = fmt.Sprintf("照片 %s 拍摄时（%s）轨迹在 %.0f 米之外", p.Name, taken, t.offM[i])
		} else {
			detail = fmt.Sprintf("照片 %s 的地点轨迹走过，但拍摄时间（%s）前后 10 分钟内没有轨迹", p.Name, taken)
		}
	}
	if against == 0 {
		return 0, ""
	}
	return float64(against) / float64(against+t.agreeing()), fmt.Sprintf("%d 张照片与轨迹矛盾：%s", against, detail)
}

// agreedPhotos are the names of the photos that agree with any of the tracks.
func agreedPhotos(tracks []*matchTrack) map[string]bool {
	agreed := map[string]bool{}
	for _, t := range tracks {
		for i, s := range t.stands {
			if s == agrees {
				agreed[t.Photos[i].Name] = true
			}
		}
	}
	return agreed
}

// seenAt are the times at which photos of the track show a marker for certain.
func (t *matchTrack) seenAt(m MarkerPosition) (times []time.Time) {
	for i := range t.shown {
		if s := &t.shown[i]; s.number == m.Number && s.stone == m.Stone {
			times = append(times, s.at)
		}
	}
	return times
}

// shown is a marker that a photo of the track shows for certain.
type shown struct {
	number, stone string
	at            time.Time
}

// lookAtPhotos finds the markers that the photos show for certain.
func (t *matchTrack) lookAtPhotos(markers []MarkerPosition) {
	for i := range t.Photos {
		p := &t.Photos[i]
		if !p.placed() {
			continue
		}
		if found, certain := Sightings(*p, markers); certain {
			t.shown = append(t.shown, shown{found[0].Number, found[0].Stone, p.TakenAt})
		}
	}
}

// photoVotes counts, for each of hypotheses, the photos that it puts the track beside: a photo's position is WGS 84 whatever
// the track is in, so that where the two are at the same time tells the frame (boundary research 5.11).
func photoVotes(line timeline, photos []Photo, sigmaM, gapS float64) (votes [3]int) {
	for i := range photos {
		p := &photos[i]
		if !p.placed() {
			continue
		}
		then, ok := line.place(p.TakenAt, gapS)
		if !ok {
			continue
		}
		var d [3]float64
		best := 0
		for h, frame := range hypotheses {
			q, err := frame.ToCGCS2000(then[0], then[1])
			if err != nil {
				return [3]int{}
			}
			if d[h] = geo.DistanceM(q, *p.Position); d[h] < d[best] {
				best = h
			}
		}
		decisive := d[best] <= math.Max(photoFrameM, 3*math.Hypot(sigmaM, p.sigmaM()))
		for h := range d {
			decisive = decisive && (h == best || d[h] >= windowGain*d[best])
		}
		if decisive {
			votes[best]++
		}
	}
	return votes
}

// weigh lets photos decide: what most of them speak for is the frame, and where that is the one recorded the track is not
// held, however much it looks like the image of the line.
func (v FrameVerdict) weigh(votes [3]int) FrameVerdict {
	total := votes[0] + votes[1] + votes[2]
	for h, n := range votes {
		if n > 0 && float64(n) >= windowsMin*float64(total) {
			v.Frame, v.Held, v.Photos = hypotheses[h], h > 0, n
		}
	}
	return v
}
