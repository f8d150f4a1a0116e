import type { Finding } from './types'

/** The findings about one field: a pointer names the field and everything inside it. */
export function about(findings: readonly Finding[], field: string): Finding[] {
  return findings.filter((f) => f.pointer === `/${field}` || f.pointer?.startsWith(`/${field}/`))
}

/** The findings about none of the fields. */
export function elsewhere(findings: readonly Finding[], fields: readonly string[]): Finding[] {
  return findings.filter((f) => !fields.some((field) => about([f], field).length > 0))
}
