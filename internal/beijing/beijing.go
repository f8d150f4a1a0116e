package beijing

import "time"

// Zone is UTC+8.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// Day is the day of an instant, 2026-11-28.
func Day(at time.Time) string { return at.In(Zone).Format(time.DateOnly) }

// DayNumber is the day of an instant, counted from 1970-01-01.
func DayNumber(at time.Time) int32 {
	y, m, d := at.In(Zone).Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}
