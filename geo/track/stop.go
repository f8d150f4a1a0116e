package track

import (
	"math"
	"time"

	"fangyu/geo"
)

// findStops finds the times of at least StopS spent within StopRadiusM. Receivers wander while they lie still, so that
// the place is the middle of the points, and a point that strays out does not end the stop if the track comes back.
func (c *Cleaned) findStops(i int) {
	points, flags := c.Segments[i], c.Flags[i]
	var here geo.Local
	later := 0 // the first point at least StopS after the present one
	for k := 0; k < len(points); k++ {
		if !flags[k].Usable() || points[k].Time.IsZero() {
			continue
		}
		for later < len(points) && (!flags[later].Usable() || points[later].Time.Sub(points[k].Time).Seconds() < c.limits.StopS) {
			later++
		}
		if later == len(points) {
			return
		}
		if apartM(&here, &points[k], &points[later]) > 3*c.limits.StopRadiusM {
			continue // it walked on
		}
		last := c.stay(&here, i, k)
		if last < 0 {
			continue
		}
		if c.movesOn(&here, i, k, last) {
			k += (last - k) / 3 // a stop may still begin later; to look again from every point would take the square of them
			continue
		}
		stop := c.stopOf(i, k, last)
		if n := len(c.Stops); n > 0 && c.sameStop(&here, &c.Stops[n-1], &stop) {
			stop = c.stopOf(i, c.Stops[n-1].First, last)
			c.Stops = c.Stops[:n-1]
		}
		c.Stops = append(c.Stops, stop)
		for m := stop.First; m <= stop.Last; m++ {
			flags[m] |= Stopped
		}
		k = last
	}
}

// stay returns the last point of a stop that begins with point k, -1 where none does. Its middle moves with the points.
func (c *Cleaned) stay(here *geo.Local, i, k int) int {
	points, flags := c.Segments[i], c.Flags[i]
	middle := points[k]
	n, last := 1.0, k
	for m := k + 1; m < len(points); m++ {
		p := &points[m]
		if !flags[m].Usable() || p.Time.IsZero() {
			continue
		}
		if apartM(here, &middle, p) > c.limits.StopRadiusM {
			if m-last > strays {
				break
			}
			continue
		}
		if p.Time.Sub(points[last].Time).Seconds() > longestSilenceS {
			break
		}
		n++
		middle.Lon += (p.Lon - middle.Lon) / n
		middle.Lat += (p.Lat - middle.Lat) / n
		last = m
	}
	if points[last].Time.Sub(points[k].Time).Seconds() < c.limits.StopS {
		return -1
	}
	return last
}

// movesOn reports whether points k to last are a slow walk and not a stop: a receiver that lies still wanders to and fro,
// so that the middle of its first third is near that of its last.
func (c *Cleaned) movesOn(here *geo.Local, i, k, last int) bool {
	third := (last - k) / 3
	if third == 0 {
		return apartM(here, &c.Segments[i][k], &c.Segments[i][last]) > c.limits.StopRadiusM
	}
	early, late := c.stopOf(i, k, k+third), c.stopOf(i, last-third, last)
	return apartM(here, &early.Point, &late.Point) > 0.6*c.limits.StopRadiusM
}

const (
	strays          = 3   // so many points in a row may stray out of a stop
	longestSilenceS = 600 // a receiver that records by distance is silent while it lies still, but not for ever
)

// stopOf sums up the points from first to last.
func (c *Cleaned) stopOf(i, first, last int) Stop {
	points, flags := c.Segments[i], c.Flags[i]
	at := points[first]
	var lon, lat, height, n, heights float64
	for k := first; k <= last; k++ {
		if !flags[k].Usable() {
			continue
		}
		lon, lat, n = lon+points[k].Lon, lat+points[k].Lat, n+1
		if !math.IsNaN(points[k].ElevationM) {
			height, heights = height+points[k].ElevationM, heights+1
		}
	}
	if n > 0 {
		at.Lon, at.Lat, at.ElevationM = lon/n, lat/n, height/heights
	}
	return Stop{Point: at, From: points[first].Time, To: points[last].Time, Segment: i, First: first, Last: last}
}

// sameStop reports whether a stop goes on after a short excursion.
func (c *Cleaned) sameStop(here *geo.Local, a, b *Stop) bool {
	return a.Segment == b.Segment && b.From.Sub(a.To) <= time.Minute && apartM(here, &a.Point, &b.Point) <= c.limits.StopRadiusM
}
