import { call } from '@/api/client'
import type { Box } from '@/map/open'

/** The extent of the record, for who named no place; all of China where there is none. */
export async function boxOfRecord(): Promise<Box> {
  const china: Box = [73, 18, 135, 54]
  type Extent = { extent?: { spatial?: { bbox?: number[][] } } }
  const answer = await call<Extent>('/ogc/collections/divisions').catch(() => undefined)
  return (answer && boxOf({ bbox: answer.extent?.spatial?.bbox?.[0] })) ?? china
}

/** The box of a shape, widened where it is smaller than twice the degrees given: to about two kilometres. */
export function around(shape: GeoJSON.Geometry, least = 0.01): Box | undefined {
  const parts = shape.type === 'GeometryCollection' ? shape.geometries : [shape]
  const box: Box = [180, 90, -180, -90]
  for (const part of parts) if (part.type !== 'GeometryCollection') widen(box, part.coordinates as Coordinates)
  if (box[0] > box[2]) return undefined
  const lon = Math.max(0, least - (box[2] - box[0]) / 2)
  const lat = Math.max(0, least - (box[3] - box[1]) / 2)
  return [box[0] - lon, box[1] - lat, box[2] + lon, box[3] + lat]
}

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
