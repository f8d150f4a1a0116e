package beijing

import "time"

// Zone is UTC+8.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// Day is the day of an instant, 2026-11-28.
func Day(at time.Time) string { return at.In(Zone).Format(time.DateOnly) }
