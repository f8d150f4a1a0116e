// Where the name of an area stands. Coordinates are degrees [lon, lat].

type Ring = readonly (readonly number[])[]

export interface Area {
  type: string
  coordinates: unknown
}

export interface Anchor {
  at: [number, number]
  size: number // of the part it stands in, square degrees: larger areas are named first
}

/** A point inside the largest part of a Polygon or MultiPolygon, near its middle; undefined for anything else. */
export function anchorOf(area: Area | null): Anchor | undefined {
  const rings = outerRings(area)
  let best: Ring | undefined
  let most = 0
  for (const ring of rings) {
    const size = Math.abs(doubleArea(ring))
    if (size > most) {
      most = size
      best = ring
    }
  }
  if (!best) return undefined
  const middle = centroid(best)
  const at = inside(best, middle) ? middle : widest(best, middle[1])
  return at && { at, size: most / 2 }
}

/** The outlines of an area, without its holes. */
export function outerRings(area: Area | null): Ring[] {
  if (area?.type === 'Polygon') return [(area.coordinates as Ring[])[0] ?? []]
  if (area?.type === 'MultiPolygon') return (area.coordinates as Ring[][]).map((polygon) => polygon[0] ?? [])
  return []
}

const x = (p: readonly number[] | undefined) => p?.[0] ?? 0
const y = (p: readonly number[] | undefined) => p?.[1] ?? 0

function doubleArea(ring: Ring): number {
  let sum = 0
  for (let i = 0; i + 1 < ring.length; i++) sum += x(ring[i]) * y(ring[i + 1]) - x(ring[i + 1]) * y(ring[i])
  return sum
}

function centroid(ring: Ring): [number, number] {
  const x0 = x(ring[0]) // computed from the first vertex: the sums stay small
  const y0 = y(ring[0])
  let area = 0
  let cx = 0
  let cy = 0
  for (let i = 0; i + 1 < ring.length; i++) {
    const ax = x(ring[i]) - x0
    const ay = y(ring[i]) - y0
    const bx = x(ring[i + 1]) - x0
    const by = y(ring[i + 1]) - y0
    const cross = ax * by - bx * ay
    area += cross
    cx += (ax + bx) * cross
    cy += (ay + by) * cross
  }
  return [x0 + cx / (3 * area), y0 + cy / (3 * area)]
}

/** The longitudes at which the ring crosses a latitude, ascending. */
function crossings(ring: Ring, lat: number): number[] {
  const at: number[] = []
  for (let i = 0; i + 1 < ring.length; i++) {
    const a = y(ring[i])
    const b = y(ring[i + 1])
    if (a > lat !== b > lat) at.push(x(ring[i]) + ((lat - a) / (b - a)) * (x(ring[i + 1]) - x(ring[i])))
  }
  return at.sort((p, q) => p - q)
}

function inside(ring: Ring, [lon, lat]: [number, number]): boolean {
  return crossings(ring, lat).filter((at) => at > lon).length % 2 === 1
}

/** The middle of the widest stretch inside the ring at a latitude. */
function widest(ring: Ring, lat: number): [number, number] | undefined {
  const at = crossings(ring, lat)
  let best: [number, number] | undefined
  let width = 0
  for (let i = 0; i + 1 < at.length; i += 2) {
    const from = at[i] ?? 0
    const to = at[i + 1] ?? 0
    if (to - from > width) {
      width = to - from
      best = [(from + to) / 2, lat]
    }
  }
  return best
}
