// What is selected on the map, as it stands in the address: "line:0192…".

export type Kind = 'division' | 'place' | 'line' | 'marker'

export interface Selection {
  kind: Kind
  id: string
}

const kinds: readonly string[] = ['division', 'place', 'line', 'marker']

/** The selection a text names; undefined for anything else. */
export function selectionOf(text: unknown): Selection | undefined {
  if (typeof text !== 'string') return undefined
  const at = text.indexOf(':')
  const kind = text.slice(0, at)
  const id = text.slice(at + 1)
  return at > 0 && id !== '' && kinds.includes(kind) ? { kind: kind as Kind, id } : undefined
}

export const textOf = (s: Selection): string => `${s.kind}:${s.id}`

/** The collection at /ogc and /tiles that holds things of a kind. */
export const collectionOf: Record<Kind, string> = { division: 'divisions', place: 'places', line: 'lines', marker: 'markers' }

export interface Position {
  lon: number
  lat: number
  zoom: number
}

/** A position from the address: `at=106.55,29.56,9.5` (degrees, CGCS2000). Undefined where it is no position. */
export function positionOf(text: unknown): Position | undefined {
  if (typeof text !== 'string') return undefined
  const [lon, lat, zoom] = text.split(',').map(Number)
  if (lon === undefined || lat === undefined || zoom === undefined) return undefined
  const sound = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22
  return sound ? { lon, lat, zoom } : undefined
}

export const positionText = (p: Position): string => `${p.lon.toFixed(5)},${p.lat.toFixed(5)},${p.zoom.toFixed(2)}`
