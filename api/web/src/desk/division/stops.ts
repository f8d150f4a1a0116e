import type { Division } from '@/api/types'

/** A span of days in which nothing changed: from its first day on, until the next began. */
export interface Stop {
  day: string // the day asked for: its first, or its last where the first is not known
  from?: string
  to?: string // the day on which the next begins, or the division ended
}

/** The spans into which the changes of a division and of what is below it cut its time, the oldest first. */
export function stopsOf(d: Division): Stop[] {
  const begins = d.versions[0]?.validFrom ?? undefined
  const ends = d.versions.at(-1)?.validTo ?? undefined
  const within = d.days.filter((day) => (!begins || day >= begins) && (!ends || day < ends))
  const stops: Stop[] = within.map((from, i) => ({ day: from, from, to: within[i + 1] ?? ends }))
  const first = within[0]
  if (!begins) stops.unshift({ day: first ? before(first) : ends ? before(ends) : d.on, to: first ?? ends })
  return stops
}

/** The day before one. */
export function before(day: string): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() - 1)
  return at.toISOString().slice(0, 10)
}

/** The place among the stops of a day. */
export function stopAt(stops: Stop[], day: string): number {
  const i = stops.findIndex((s) => (!s.from || s.from <= day) && (!s.to || day < s.to))
  return i < 0 ? stops.length - 1 : i
}
