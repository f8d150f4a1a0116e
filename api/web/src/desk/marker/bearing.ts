import { numberOf } from './number'

/** A grid bearing given in minutes of arc as records write it: 227°10′. */
export function bearingText(minutes: number): string {
  return `${Math.floor(minutes / 60)}°${String(minutes % 60).padStart(2, '0')}′`
}

/** The 3° planes of CGCS2000 around a longitude, its own zone first: with the zone number before Y and without it. */
export function planesAround(lon: number): { epsg: number; zone: number; meridian: number; prefixed: boolean }[] {
  const own = Math.floor(lon / 3 + 0.5)
  return [own, own - 1, own + 1].flatMap((zone) => [
    { epsg: 4513 + zone - 25, zone, meridian: 3 * zone, prefixed: true },
    { epsg: 4534 + zone - 25, zone, meridian: 3 * zone, prefixed: false },
  ])
}

/** A witness object as it is written down, and what another crew measured of it. */
export interface ObjectRow {
  name: string
  degrees: string
  minutes: string
  distance: string
  degreesAgain: string
  minutesAgain: string
  distanceAgain: string
}

export const blankObject = (): ObjectRow => ({ name: '', degrees: '', minutes: '', distance: '', degreesAgain: '', minutesAgain: '', distanceAgain: '' })

/** The rows of objects that are known. */
export const rowsOf = (objects?: { name: string; bearingMinutes: number; distanceM: number }[] | null): ObjectRow[] =>
  (objects ?? []).map((o) => ({ ...blankObject(), name: o.name, degrees: String(Math.floor(o.bearingMinutes / 60)), minutes: String(o.bearingMinutes % 60), distance: String(o.distanceM) }))

/** A bearing in minutes; what was not given or is no number goes as it is, and is refused. */
function minutesOf(degrees: string, minutes: string): unknown {
  const all = +degrees * 60 + +minutes
  return degrees.trim() === '' || !isFinite(all) ? `${degrees}°${minutes}′` : Math.round(all)
}

const number = (text: string): unknown => (text.trim() === '' ? 0 : numberOf(text))
const written = (rows: ObjectRow[]): ObjectRow[] => rows.filter((o) => o.name.trim() || o.degrees || o.distance)

/** The objects that the rows say; empty rows say none. */
export const objectsOf = (rows: ObjectRow[]): unknown[] => written(rows).map((o) => ({ name: o.name, bearingMinutes: minutesOf(o.degrees, o.minutes), distanceM: number(o.distance) }))

/** What the other crew measured of them. */
export const againOf = (rows: ObjectRow[]): unknown[] =>
  written(rows).flatMap((o, i) => (o.degreesAgain || o.distanceAgain ? [{ n: i + 1, bearingMinutes: minutesOf(o.degreesAgain, o.minutesAgain), distanceM: number(o.distanceAgain) }] : []))
