import type { Category, NameCheck, NameFacts, NewProposal } from '@/api/types'

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
  facts: FactDraft
}

/** What is said of what is named, as it is being written: the green ratio in per cent, functions apart by commas. */
export interface FactDraft {
  roadWidthM: number | null
  siteAreaM2: number | null
  floorAreaM2: number | null
  greenPercent: number | null
  openAreaM2: number | null
  storeys: number | null
  heightM: number | null
  developer: string
  functions: string
  meaning: string
  derivedFrom: string
}
const noFacts = (): FactDraft => ({
  roadWidthM: null, siteAreaM2: null, floorAreaM2: null, greenPercent: null, openAreaM2: null, storeys: null, heightM: null, developer: '', functions: '', meaning: '', derivedFrom: '',
})

/** The numbers that are asked for of a category; of what is not asked for nothing is sent. */
export const measuresOf = (c: Category): Exclude<keyof FactDraft, 'developer' | 'functions' | 'meaning' | 'derivedFrom'>[] =>
  c === 'street' ? ['roadWidthM'] : c === 'residential-building' ? ['siteAreaM2', 'floorAreaM2', 'greenPercent', 'openAreaM2', 'storeys', 'heightM'] : c === 'park' ? ['siteAreaM2', 'greenPercent', 'openAreaM2'] : []
export const builtByOf = (c: Category) => c === 'residential-building' || c === 'facility'

export function factsOf(d: NameDraft): NameFacts {
  const facts: Record<string, unknown> = {}
  for (const m of measuresOf(d.category)) {
    const n = d.facts[m]
    if (n != null) facts[m === 'greenPercent' ? 'greenRatio' : m] = m === 'greenPercent' ? n / 100 : n
  }
  const words = builtByOf(d.category) ? (['developer', 'meaning', 'derivedFrom'] as const) : (['meaning', 'derivedFrom'] as const)
  for (const w of words) if (d.facts[w].trim()) facts[w] = d.facts[w].trim()
  const functions = d.facts.functions.split(/[，,、;；\s]+/).filter(Boolean)
  if (builtByOf(d.category) && functions.length) facts.functions = functions
  return facts
}

export const emptyDraft = (): NameDraft => ({ kind: 'new', name: '', category: 'street', division: '', placeId: '', placeName: '', lon: '', lat: '', facts: noFacts() })

/** The fields beside which findings can stand. */
export const fields = ['kind', 'placeId', 'name', 'category', 'division', 'point', 'reason', 'facts']

const pointOf = (d: NameDraft) => (d.lon.trim() && d.lat.trim() ? { lon: Number(d.lon), lat: Number(d.lat) } : undefined)

/** Where the draft is to be, as a map takes it; undefined while that is no position. */
export function placeOf(d: NameDraft): [lon: number, lat: number] | undefined {
  const at = pointOf(d)
  return at && Math.abs(at.lon) <= 180 && Math.abs(at.lat) <= 90 ? [at.lon, at.lat] : undefined
}

export function checkOf(d: NameDraft): NameCheck {
  return { kind: d.kind, name: d.name.trim(), category: d.category, division: d.division, point: pointOf(d), placeId: d.placeId || undefined, facts: factsOf(d) }
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
    facts: factsOf(d),
  }
}
