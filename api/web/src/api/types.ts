import type { components, paths } from './schema.gen'

// The resources as openapi.yaml describes them, under the names the pages use.

type Schemas = components['schemas']

export type Config = Schemas['Config']
export type Session = Schemas['Session']
export type Account = Schemas['Account']
export type Office = Schemas['Office']
export type OpenSession = Schemas['OpenSession']
export type Token = Schemas['Token']
export type OpenAction = Schemas['OpenAction']
export type Finding = Schemas['Finding'] & Partial<Schemas['NameFinding']> & Partial<Schemas['TrackNote']>
export type Evidence = Schemas['Evidence']
export type Severity = Schemas['Severity']

export type SearchHit = Schemas['Hit']
export type Suggestion = Schemas['Suggestion']
export type ReverseHit = Schemas['Whereabouts']['items'][number]
export type Division = Schemas['Division']
export type Place = Schemas['Place']
export type PlaceClass = Schemas['PlaceClass']
export type NameInTime = Schemas['NameInTime']
export type NameEvent = Schemas['NameEvent']
export type NameProcesses = paths['/api/name-processes']['get']['responses']['200']['content']['application/json']
export type Category = Schemas['Category']

export type LineSummary = Schemas['LineSummary']
export type Line = Schemas['Line']
export type Settling = Schemas['Settling']
export type Tripoint = Schemas['Tripoint']
export type Fabric = Schemas['Fabric']
export type FabricFinding = Schemas['FabricFinding']
export type FabricExclave = Schemas['FabricExclave']
export type FabricRef = Schemas['FabricRef']
export type Marker = Schemas['Marker']
export type KnownMarker = Schemas['KnownMarker']
export type Grade = Schemas['Grade']
export type UnreadName = Schemas['UnreadName']
export type Audit = Schemas['Audit']
export type AuditCount = Schemas['AuditCount']
export type AuditFinding = Schemas['AuditFinding']
export type PlaceImport = Schemas['PlaceImport']
export type ImportVerdict = Schemas['ImportVerdict']
export type ImportSettings = Schemas['ImportSettings']
export type ImportRow = Schemas['ImportRow']
export type ImportChange = Schemas['ImportChange']
export type ImportTwin = Schemas['ImportTwin']
export type ImportDecision = Schemas['ImportDecision']
export type ReadingStatus = Schemas['ReadingStatus']
export type Withheld = Schemas['WithheldRecords']['items'][number]
export type Track = Schemas['Track']
export type Trace = Schemas['Trace']
export type Receiver = Schemas['Receiver']
export type Receipt = NonNullable<Schemas['Receipt']>
export type Submission = Schemas['Submission']
export type Upload = Schemas['Upload']
export type Coverage = Schemas['CoverageProperties']
export type CoverageClass = Schemas['CoverageClass']
export type Photo = Schemas['Photo']
export type Match = NonNullable<Schemas['Match']>
export type InspectionSummary = Schemas['InspectionSummary']
export type Inspection = Schemas['Inspection']
export type Stretch = Schemas['Stretch']
export type Claim = Schemas['Claim']
export type HistoryItem = Schemas['HistoryItem']
export type Assignment = Schemas['Assignment']
export type Assignee = Schemas['Assignee']
export type MarkerForm = Schemas['MarkerForm']
export type MarkerFound = Schemas['MarkerFound']

export type NameCheck = Schemas['NameCheck']
export type Verdict = Schemas['Verdict']
export type Proposal = Schemas['Proposal']
export type NewProposal = Schemas['NewProposal']

/** A list, and the token of its next page; null after the last. */
export interface Page<T> {
  items: T[]
  next: string | null
}
