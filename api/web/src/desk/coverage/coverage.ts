import type { Coverage, CoverageClass } from '@/api/types'

// What was checked of a line, from the published stretches of it. Pure.

/** The classes, the best first: where several were there, the best counts. */
export const classes: CoverageClass[] = ['walked', 'viewed', 'imagery', 'not-checked']

export interface Stretch {
  fromM: number
  toM: number
  class: CoverageClass
}

/** A stretch as a strip shows it: of a class, or in dispute. */
export type Shown = Omit<Stretch, 'class'> & { class: CoverageClass | 'disputed' }

/** The whole line in stretches of one class each, in turn. Bounds are whole millimetres, so that lengths add up to that of the line. */
export function partition(lengthM: number, stretches: readonly Stretch[]): Stretch[] {
  const end = Math.round(lengthM * 1000)
  const edges = [{ at: end, class: classes.length - 1, step: 0 }]
  for (const s of stretches) {
    const [from, to, rank] = [Math.max(Math.round(s.fromM * 1000), 0), Math.min(Math.round(s.toM * 1000), end), classes.indexOf(s.class)]
    if (rank >= 0 && from < to) edges.push({ at: from, class: rank, step: 1 }, { at: to, class: rank, step: -1 })
  }
  edges.sort((a, b) => a.at - b.at)
  const there = classes.map(() => 0)
  const out: Stretch[] = []
  let at = 0
  for (const e of edges) {
    if (e.at > at) {
      const best = classes[there.findIndex((n) => n > 0)] ?? 'not-checked'
      const last = out.at(-1)
      if (last?.class === best) last.toM = e.at / 1000
      else out.push({ fromM: at / 1000, toM: e.at / 1000, class: best })
      at = e.at
    }
    there[e.class]! += e.step
  }
  return out
}

/** The metres of each class. */
export function lengths(stretches: readonly Stretch[]): Record<CoverageClass, number> {
  const sum = { walked: 0, viewed: 0, imagery: 0, 'not-checked': 0 }
  for (const s of stretches) sum[s.class] += s.toM - s.fromM
  return sum
}

/** In which ways something was checked: walked, where it was in none. */
export function checkedBy(sum: Record<CoverageClass, number>): CoverageClass[] {
  const ways = classes.filter((c) => c !== 'not-checked' && sum[c] > 0)
  return ways.length ? ways : ['walked']
}

/** A day of work on the line; `day` is empty where the tracks had no time. */
export interface Day {
  day: string
  stretches: Stretch[]
  lengths: Record<CoverageClass, number>
}

/** What was checked on each day, the newest first. What was walked twice on a day counts once. */
export function daysOf(lengthM: number, rows: readonly Coverage[]): Day[] {
  const by = new Map<string, Coverage[]>()
  for (const r of rows) by.set(r.walkedOn ?? '', [...(by.get(r.walkedOn ?? '') ?? []), r])
  return [...by]
    .sort(([a], [b]) => b.localeCompare(a))
    .map(([day, ofDay]) => {
      const stretches = partition(lengthM, ofDay)
      return { day, stretches, lengths: lengths(stretches) }
    })
}

/** The days on which a place was checked, the newest first. */
export function daysAt(rows: readonly Coverage[], m: number): string[] {
  const days = rows.filter((r) => r.class !== 'not-checked' && r.fromM <= m && m <= r.toM).map((r) => r.walkedOn ?? '')
  return [...new Set(days)].sort().reverse()
}
