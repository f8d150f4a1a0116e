import type { ImportSettings, PlaceImport } from '@/api/types'

/** The fields a column can be, in the order in which people look for them. */
export const fields = ['name', 'category', 'divisionCode', 'lon', 'lat', 'locatedBy', 'class', 'validFrom', 'validTo', 'names', 'id', 'version', 'sourceDocument']
/** Without these no row can be taken. */
const needed = ['name', 'category', 'divisionCode']
/** Leaves a column out. */
export const aside = '-'
/** The frames that are chosen by a word; others are EPSG codes. */
export const frames = ['4490', '4326', 'gcj02', 'bd09']
/** Frames that a person has to confirm, because their conversion is an approximation. */
const approximate = ['gcj02', 'bd09']

/** How a file is to be read, as the form has it. */
export interface Draft {
  mapping: Record<string, string> // heading to field, aside, or '' while nobody has chosen
  frame: string // '' as the file declares, one of frames, or other
  otherFrame: string // an EPSG code
  confirmFrame: boolean
  validFrom: string
  partial: boolean
  twins: NonNullable<ImportSettings['twins']>
  twinM: number // metres; 0 is usual
  document: { title: string; number: string; issuedBy: string; issuedOn: string }
}

/** The form as it is first shown: what was said before, else what the file says. A file of our own export is in CGCS2000. */
export function draftOf(i: PlaceImport): Draft {
  const s = i.settings
  const frame = s.frame ?? ''
  const own = isExport(i) && !i.declaredFrame && positioned(i) && !frame
  const named = frame === '' || frames.includes(frame)
  return {
    mapping: Object.fromEntries(i.headings.map((h) => [h.name, s.mapping?.[h.name] ?? h.field])),
    frame: own ? '4490' : named ? frame : 'other',
    otherFrame: named ? '' : frame,
    confirmFrame: s.confirmFrame ?? false,
    validFrom: s.validFrom ?? '',
    partial: s.partial ?? false,
    twins: s.twins ?? '',
    twinM: s.twinM ?? 0,
    document: { title: '', number: '', issuedBy: '', issuedOn: '', ...s.document },
  }
}

export function settingsOf(d: Draft): ImportSettings {
  const frame = d.frame === 'other' ? d.otherFrame.trim() : d.frame
  const { mapping, confirmFrame, validFrom, partial, twins, twinM, document } = d
  return { mapping, frame, confirmFrame, validFrom: validFrom ?? '', partial, twins, twinM, document: { ...document, issuedOn: document.issuedOn ?? '' } }
}

/** Whether the file is one that we exported: it carries the number and the version of every record. */
export function isExport(i: PlaceImport): boolean {
  const taken = i.headings.map((h) => h.field)
  return taken.includes('version') && !taken.includes('') && i.headings.some((h) => h.name === 'readingStatus')
}

/** Whether the file says where places lie. */
export function positioned(i: PlaceImport): boolean {
  return ['geojson', 'topojson', 'shapefile'].includes(i.format) || i.headings.some((h) => h.field === 'lon' || h.field === 'lat')
}

/** The columns nobody has said anything of. */
export const unchosen = (d: Draft): string[] => Object.keys(d.mapping).filter((h) => !d.mapping[h])

/** The columns that are taken for the same field as another one. */
export function clashing(d: Draft): string[] {
  const taken = Object.values(d.mapping).filter((f) => f && f !== aside)
  return Object.keys(d.mapping).filter((h) => taken.filter((f) => f === d.mapping[h]).length > 1)
}

/** The fields without which no row can be taken, and that no column is. */
export const lacking = (d: Draft): string[] => needed.filter((f) => !Object.values(d.mapping).includes(f))

/** Whether somebody has to say in which frame the positions are. */
export function frameOpen(i: PlaceImport, d: Draft): boolean {
  return d.frame === 'other' ? !d.otherFrame.trim() : !d.frame && !i.declaredFrame && positioned(i)
}

/** Whether the frame is one that a person has to confirm. */
const isApproximate = (i: PlaceImport, d: Draft) => approximate.includes(d.frame || i.declaredFrame.toLowerCase().replace(/[^a-z0-9]/g, ''))

/** Whether such a frame is chosen and nobody has confirmed it. */
export const unconfirmed = (i: PlaceImport, d: Draft): boolean => isApproximate(i, d) && !d.confirmFrame

/** Whether a person has to confirm the frame: it is approximate, or the server has said so. */
export function confirms(i: PlaceImport, d: Draft, refusedAs: string | undefined): boolean {
  return isApproximate(i, d) || ['frame-held', 'frame-differs'].includes(refusedAs ?? '')
}
