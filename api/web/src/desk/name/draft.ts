import type { Category, NameCheck, NewProposal } from '@/api/types'

/** A name as it is being written. */
export interface NameDraft {
  kind: 'new' | 'rename' | 'retire' | 'existing'
  name: string
  category: Category
  division: string
  placeId: string
  placeName: string
  lon: string
  lat: string
}

export const emptyDraft = (): NameDraft => ({ kind: 'new', name: '', category: 'street', division: '', placeId: '', placeName: '', lon: '', lat: '' })

/** The fields beside which findings can stand. */
export const fields = ['kind', 'placeId', 'name', 'category', 'division', 'point', 'reason']

const pointOf = (d: NameDraft) => (d.lon.trim() && d.lat.trim() ? { lon: Number(d.lon), lat: Number(d.lat) } : undefined)

export function checkOf(d: NameDraft): NameCheck {
  return { kind: d.kind, name: d.name.trim(), category: d.category, division: d.division, point: pointOf(d), placeId: d.placeId || undefined }
}

export function proposalOf(d: NameDraft, reason: string): NewProposal {
  const kind = d.kind === 'existing' ? 'new' : d.kind
  return {
    kind,
    name: kind === 'retire' ? d.placeName : d.name.trim(),
    category: d.category,
    division: d.division || undefined,
    point: pointOf(d),
    placeId: kind === 'new' ? undefined : d.placeId || undefined,
    reason: reason.trim(),
  }
}
