import type { Box } from '@/map/open'

type Coordinates = number | Coordinates[]

/** The box of a GeoJSON feature or a hit in degrees: the one it carries, else of its coordinates. Undefined without geometry. */
export function boxOf(feature: { bbox?: number[] | null; geometry?: { coordinates: unknown } | null }): Box | undefined {
  const [west, south, east, north] = feature.bbox ?? []
  if (west !== undefined && south !== undefined && east !== undefined && north !== undefined) return [west, south, east, north]
  if (!feature.geometry) return undefined
  const box: Box = [180, 90, -180, -90]
  widen(box, feature.geometry.coordinates as Coordinates)
  return box[0] <= box[2] ? box : undefined
}

function widen(box: Box, c: Coordinates): void {
  if (!Array.isArray(c)) return
  const [x, y] = c
  if (typeof x === 'number' && typeof y === 'number') {
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x)
    box[3] = Math.max(box[3], y)
    return
  }
  for (const part of c) widen(box, part)
}
