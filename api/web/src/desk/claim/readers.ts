import type { Line, LineSummary, Session } from '@/api/types'

const readers = ['party-officer', 'party-leader', 'archivist', 'superior']
const writers = ['party-officer', 'party-leader']

/** Whether claims are part of somebody's duties at all; which ones, the server decides. */
export function readsClaims(who: Session | null): boolean {
  return who?.roles.some((r) => readers.includes(r)) ?? false
}

/** Whether somebody's office is a party of the line, for which he may write claims and assign work. */
export function actsFor(who: Session | null, line: Line | LineSummary): boolean {
  const division = who?.office.divisionId
  return division != null && [line.partyA.id, line.partyB.id].includes(division) && who!.roles.some((r) => writers.includes(r))
}
