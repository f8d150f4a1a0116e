package beijing

import "time"

// Zone is UTC+8.
var Zone = time.FixedZone("UTC+8", 8*60*60)
