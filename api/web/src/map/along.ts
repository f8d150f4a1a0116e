// A line measured from its start: what lies at a chainage, and at which chainage a place lies. For showing only: lengths
// are stretched to what the server measured, and agree with it to a metre or so.

export type Place = [lon: number, lat: number]

export interface Along {
  at(m: number): Place
  between(fromM: number, toM: number): Place[][]
  nearest(lon: number, lat: number): { m: number; distanceM: number }
}

interface Leg {
  from: Place
  to: Place
  startM: number
  lengthM: number
  part: number
}

/** Measures the parts of a LineString or MultiLineString of so many metres, one after the other. */
export function along(geometry: { type: string; coordinates: unknown }, lengthM: number): Along {
  const parts = (geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates) as Place[][]
  const legs: Leg[] = []
  let total = 0
  parts.forEach((path, part) => {
    for (let i = 0; i + 1 < path.length; i++) {
      const [from, to] = [path[i]!, path[i + 1]!]
      const d = metresBetween(from, to)
      if (d > 0) legs.push({ from, to, startM: total, lengthM: d, part })
      total += d
    }
  })
  const scale = total > 0 ? lengthM / total : 1
  for (const leg of legs) {
    leg.startM *= scale
    leg.lengthM *= scale
  }
  const first = parts[0]?.[0] ?? [0, 0]

  /** The leg a chainage lies on: found by halving, for a line has many. */
  function legAt(m: number): Leg | undefined {
    let [low, high] = [0, legs.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (legs[middle]!.startM <= m) low = middle
      else high = middle - 1
    }
    return legs[low]
  }

  const at = (m: number): Place => {
    const leg = legAt(m)
    return leg ? placeOn(leg, (m - leg.startM) / leg.lengthM) : first
  }

  return {
    at,
    between(fromM, toM) {
      const out: Place[][] = []
      let part = -1
      for (const leg of legs) {
        const [a, b] = [Math.max(fromM, leg.startM), Math.min(toM, leg.startM + leg.lengthM)]
        if (a >= b) continue
        if (leg.part !== part) out.push([placeOn(leg, (a - leg.startM) / leg.lengthM)])
        part = leg.part
        out.at(-1)!.push(placeOn(leg, (b - leg.startM) / leg.lengthM))
      }
      return out
    },
    nearest(lon, lat) {
      let best = { m: 0, distanceM: Infinity }
      for (const leg of legs) {
        const share = shareNearest(leg, lon, lat)
        const distanceM = metresBetween(placeOn(leg, share), [lon, lat])
        if (distanceM < best.distanceM) best = { m: leg.startM + share * leg.lengthM, distanceM }
      }
      return best
    },
  }
}

function placeOn({ from, to }: Leg, share: number): Place {
  const s = Math.min(Math.max(share, 0), 1)
  return [from[0] + (to[0] - from[0]) * s, from[1] + (to[1] - from[1]) * s]
}

function shareNearest({ from, to }: Leg, lon: number, lat: number): number {
  const k = Math.cos((lat * Math.PI) / 180)
  const [x, y] = [(to[0] - from[0]) * k, to[1] - from[1]]
  const share = ((lon - from[0]) * k * x + (lat - from[1]) * y) / (x * x + y * y)
  return Math.min(Math.max(share, 0), 1)
}

/** Metres between two near places, by the length of a degree on the ellipsoid between them. */
export function metresBetween([x1, y1]: Place, [x2, y2]: Place): number {
  const phi = ((y1 + y2) * Math.PI) / 360
  const perLon = 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi)
  const perLat = 111_132.95 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi)
  return Math.hypot((x2 - x1) * perLon, (y2 - y1) * perLat)
}
