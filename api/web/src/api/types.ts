import type { Finding } from './finding'

// The resources as the API answers them; lists are Page<…>.

export interface Named {
  id: string
  name: string
}

export interface OpenAction {
  name: string
  label: string
  needs?: string[] | null
}

export interface SearchHit {
  kind: 'place' | 'division' | 'line' | 'marker'
  id: string
  name: string
  romanization?: string
  category?: string
  level?: string
  divisionName?: string
  lon?: number | null
  lat?: number | null
  bbox?: [number, number, number, number] | null
}

export interface ReverseHit {
  level: string
  id: string
  code: string
  name: string
}

export interface Source {
  title?: string
  note?: string
  licence?: string
  issuedOn?: string | null
  number?: string | null
  issuedBy?: string | null
}

export interface Section extends Named {
  divisionA: string | Named
  divisionB: string | Named
  lengthM: number
}

export interface Marker {
  id: string
  number: string
  stone?: string
  type: string
  material?: string | null
  state: string
  chainageM?: number | null
  lon?: number | null
  lat?: number | null
  elevationM?: number | null
  custodian?: string | Named | null
  synthetic?: boolean
}

export interface LineSummary extends Named {
  code?: string | null
  level: string
  partyA: Named
  partyB: Named
  legalStatus: string
  lengthM: number
  publishedLengthM?: number | null
}

export interface Line extends LineSummary {
  sections: Section[]
  markers: Marker[]
  source?: string | Source | null
  asOf?: string | null
  synthetic?: boolean
  actions?: OpenAction[]
}

export interface Interval {
  fromM: number
  toM: number
  class: string
}

export interface Match {
  lineLengthM: number
  toleranceM: number
  walkedM: number
  coverage: number
  coverageHalfT?: number
  coverageTwiceT?: number
  intervals: Interval[]
  deviation: { n: number; meanM: number; medianM: number; rmsM: number; p95M: number; maxM: number; maxAtM: number }
  markers: { number: string; stone?: string; verdict: string; distanceM?: number | null }[]
  tracks?: { file: string; grade: string; frame: string; held: boolean; flags: Record<string, number> }[]
}

export interface Receipt {
  [key: string]: unknown
}

export interface TrackSummary {
  id: string
  state: string
  lineId: string
  lineName?: string
  fileName: string
  receivedAt: string
  receiver?: string
  sha256?: string
  coverage?: number | null
}

export interface Track extends TrackSummary {
  sigmaM?: number
  inspectionId?: string | null
  receipt?: Receipt | null
  reading?: { format?: string; segments?: number; points?: number; notes?: Finding[] | null } | null
  match?: Match | null
  version?: number
  actions?: OpenAction[]
}

export interface MarkerForm {
  markerId: string
  number?: string
  office: Named | string
  found: string
  note?: string
  checkedOn?: string
  submittedAt?: string | null
  version?: number
  lon?: number | null
  lat?: number | null
}

export interface InspectionSummary {
  id: string
  state: string
  version: number
  programme: { name: string; round: number }
  line: Named
  lead: { office: Named | string } | Named
  cooperating: { office: Named | string } | Named
  synthetic?: boolean
}

export interface Inspection extends InspectionSummary {
  actions: OpenAction[]
  tracks: TrackSummary[]
  forms: MarkerForm[]
  markers?: Marker[]
  figures?: Record<string, unknown> | null
  reportSha256?: string | null
  signatures: { office: Named | string; signedAt: string; contentSha256: string; voidedAt?: string | null; voidReason?: string | null }[]
}

export interface Proposal {
  id: string
  kind: string
  name: string
  category: string
  divisionId: string
  divisionName: string
  placeId?: string | null
  placeName?: string | null
  point?: [number, number] | null
  reason: string
  state: string
  version: number
  pack: string
  findings: Finding[]
  officeName: string
  votes: { seat: string; approve: boolean; reason: string; at: string }[]
  seats: number
  document?: Source | null
  createdAt: string
  decidedOn?: string | null
  actions: OpenAction[]
}

export interface PlaceName {
  name: string
  kind: string
  language?: string
  romanization?: string
  validFrom?: string | null
  validTo?: string | null
  approvedBy?: string | null
  document?: string | Source | null
}

export interface Verdict {
  verdict: string
  findings: Finding[]
  pack: string
}

/** The name of something that comes as a name or as an object with one, nested or not. */
export function nameOf(of: unknown): string {
  if (typeof of === 'string') return of
  if (of && typeof of === 'object') {
    if ('name' in of) return String(of.name)
    if ('office' in of) return nameOf(of.office)
    if ('title' in of) return String(of.title)
  }
  return ''
}
