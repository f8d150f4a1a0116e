// A track walked along a line of the API, as GPX.

const degreesPerMetre = 1 / 111_320

/** GPX 1.1 along the longest part of a MultiLineString, from its start over the share of its length, a point every 15 m. */
export function gpxAlong(geometry, share = 0.6) {
  return gpxOf(walkAlong(geometry, share))
}

/** Positions along the longest part of a MultiLineString, from its start over the share of its length, every 15 m or less. */
export function walkAlong(geometry, share) {
  const path = geometry.type === 'LineString' ? geometry.coordinates : geometry.coordinates.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a))
  return everyFewMetres(path, lengthOf(path) * share)
}

/** GPX 1.1 of positions [lon, lat, height, seconds since the first], 300 m and 12 s apart where they say nothing else. */
export function gpxOf(points) {
  const start = Date.UTC(2026, 9, 12, 1)
  const body = points.map(([lon, lat, ele = 300, s], i) => `<trkpt lat="${lat.toFixed(7)}" lon="${lon.toFixed(7)}"><ele>${ele}</ele><time>${new Date(start + (s ?? i * 12) * 1000).toISOString()}</time></trkpt>`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="fangyu-e2e" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
${body.join('\n')}
</trkseg></trk></gpx>
`
}

/** Metres between two positions, well enough for a test walk. */
function metres([x1, y1], [x2, y2]) {
  return Math.hypot((x2 - x1) * Math.cos((y1 * Math.PI) / 180), y2 - y1) / degreesPerMetre
}

function lengthOf(path) {
  return path.slice(1).reduce((sum, p, i) => sum + metres(path[i], p), 0)
}

function everyFewMetres(path, lengthM) {
  const points = []
  let walked = 0
  for (let i = 0; i + 1 < path.length && walked < lengthM; i++) {
    const [a, b] = [path[i], path[i + 1]]
    const d = metres(a, b)
    const steps = Math.max(1, Math.ceil(d / 15))
    for (let k = 0; k < steps; k++) points.push([a[0] + ((b[0] - a[0]) * k) / steps, a[1] + ((b[1] - a[1]) * k) / steps])
    walked += d
  }
  return points
}
