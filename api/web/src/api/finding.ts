// A finding has one shape everywhere: name checks, uploads and imports answer with it.

export type Severity = 'block' | 'review' | 'warning' | 'info'

export interface Evidence {
  kind: string
  id: string
  name: string
  distanceM?: number | null
}

export interface Finding {
  code: string
  severity: Severity
  detail: string
  clause?: string
  pointer?: string // JSON pointer of the field it is about
  evidence?: Evidence[] | null
  rule?: string
  part?: string
  cure?: string
  line?: number
  column?: number
  count?: number
}

/** The findings about one field; a pointer names the field and everything inside it. */
export function about(findings: readonly Finding[], field: string): Finding[] {
  return findings.filter((f) => f.pointer === `/${field}` || f.pointer?.startsWith(`/${field}/`))
}

/** The findings about none of the fields. */
export function elsewhere(findings: readonly Finding[], fields: readonly string[]): Finding[] {
  return findings.filter((f) => !fields.some((field) => about([f], field).length > 0))
}
