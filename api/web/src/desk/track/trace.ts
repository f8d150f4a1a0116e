import type { Trace } from '@/api/types'

// A track as it is looked at: which positions are shown, and where they stand on a chart. Pure.

export type TracePoints = Trace['points']
export type TraceEvent = Trace['events'][number]

/** The bits of a position that is left out when a track is cleaned: repeated, teleport, imprecise, backwards in time. */
const odd = 1 | 2 | 4 | 8
const stopped = 16

/** The indices of the positions shown: all of them as recorded; cleaned, the usable ones, with one for each stop. */
export function shown({ points, events }: Trace, clean: boolean): number[] {
  const all = points.lon.map((_, i) => i)
  if (!clean) return all
  const ofStops = new Set(stops(events))
  return all.filter((i) => ofStops.has(i) || (points.flags[i]! & (odd | stopped)) === 0)
}

/** The position that stands for each stop. */
export function stops(events: TraceEvent[]): number[] {
  return events.filter((e) => e.code === 'stop').map((e) => Math.floor((e.from + e.to) / 2))
}

/** Which piece of the track each position belongs to: segments and gaps part it, and nothing is drawn across them. */
export function piecesOf({ points, events }: Trace): number[] {
  const after = new Set(events.filter((e) => e.code === 'gap').map((e) => e.to))
  let piece = 0
  return points.segment.map((s, i) => (i > 0 && (s !== points.segment[i - 1] || after.has(i)) ? ++piece : piece))
}

/** The positions as lines, one for each piece. */
export function pathsOf(trace: Trace, indices: number[]): [number, number][][] {
  const pieces = piecesOf(trace)
  const by = new Map<number, [number, number][]>()
  for (const i of indices) {
    const path = by.get(pieces[i]!) ?? []
    by.set(pieces[i]!, path)
    path.push([trace.points.lon[i]!, trace.points.lat[i]!])
  }
  return [...by.values()]
}

/** What a chart goes along: the line where the track runs along it, else time, else the order of the positions. */
export type Axis = 'chainage' | 'time' | 'order'

export function axisOf({ chainageM, time }: TracePoints): Axis {
  const known = (column: readonly (number | null)[]) => column.filter((v) => v != null).length * 2 > column.length
  return known(chainageM) ? 'chainage' : known(time) ? 'time' : 'order'
}

export interface Dot {
  x: number // km of chainage, hours since the first position, or the position's number
  y: number
  index: number
}

/** A column over an axis, in the track's pieces; positions off the axis or without a value part them further. */
export function curve(trace: Trace, column: readonly (number | null)[], indices: number[], axis: Axis): Dot[][] {
  const { points } = trace
  const pieces = piecesOf(trace)
  const start = points.time.find((v) => v != null) ?? 0
  const place = (i: number) => {
    if (axis === 'order') return i
    const v = axis === 'chainage' ? points.chainageM[i] : points.time[i]
    return v == null ? undefined : axis === 'chainage' ? v / 1000 : (v - start) / 3600
  }
  const out: Dot[][] = []
  let open: number | undefined // the piece that goes on
  for (const index of indices) {
    const [x, y] = [place(index), column[index]]
    if (x === undefined || y == null) {
      open = undefined
      continue
    }
    if (pieces[index] !== open) out.push([])
    open = pieces[index]
    out.at(-1)!.push({ x, y, index })
  }
  return out
}

/** Round numbers between two, some four of them. */
export function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 4
  if (!(raw > 0)) return [low]
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw)!
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, k) => Number(((Math.ceil(low / step) + k) * step).toPrecision(12)))
}
