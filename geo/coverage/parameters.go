package coverage

// Parameters say what counts. The zero value means the defaults.
type Parameters struct {
	// A face or part is a sliver when its area is below SliverM2 (100 m²), its shape 4πA/P² below SliverShape (0.01; a
	// circle has 1) or its mean width 2A/P below SliverWidthM (2 m).
	SliverM2, SliverShape, SliverWidthM float64

	// ToleranceM leaves gaps and overlaps of a smaller mean width unlisted; they are counted. 0 lists everything wider than a
	// hundredth of a millimetre, which arithmetic alone can make.
	ToleranceM float64

	// AccuracyM is how exact the positions are, in metres: gaps, overlaps and the like of a smaller mean width are warnings and not
	// severe, but listed. 0 takes it from the positions themselves: what rounding to the decimals they are written with (6 to 9, in at
	// least a hundred positions of a feature) can make of two edges that were one, 1.5 cm for seven decimals. Below 0 nothing is excused.
	AccuracyM float64

	// An end of a line meets what lies within MeetM (0.02 m: as near as seven decimals come); it should meet what lies within
	// ReachM (200 m).
	MeetM, ReachM float64

	// Control is areas or lines that stand where they should, to tell whether files do. Without it only files that hold the same
	// divisions are compared, with each other.
	Control []Feature

	// Files are the names of the files for people.
	Files []string

	// MostOfEach bounds the findings of one code (1000); the rest are counted.
	MostOfEach int
}

// dustM is the mean width of what the rounding of crossings can make of nothing.
const dustM = 1e-5

func (p Parameters) withDefaults() Parameters {
	for _, d := range []struct {
		value     *float64
		byDefault float64
	}{{&p.SliverM2, 100}, {&p.SliverShape, 0.01}, {&p.SliverWidthM, 2}, {&p.MeetM, 0.02}, {&p.ReachM, 200}} {
		if *d.value == 0 {
			*d.value = d.byDefault
		}
	}
	if p.MostOfEach == 0 {
		p.MostOfEach = 1000
	}
	return p
}

// sliver reports whether something of these measures is one.
func (p *Parameters) sliver(m measures) bool {
	return m.AreaM2 < p.SliverM2 || m.shape() < p.SliverShape || m.WidthM < p.SliverWidthM
}
