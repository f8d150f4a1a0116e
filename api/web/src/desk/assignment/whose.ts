import type { Session } from '@/api/types'

const commissioning = ['party-officer', 'party-leader', 'superior', 'approval-authority', 'archivist', 'auditor']

/** What the list of assignments is to somebody: the field work of his office's lines, or his own tasks. */
export function tasksTitle(who: Session | null): 'assignment.ofLine' | 'assignment.own' {
  return who?.office.kind !== 'contractor' && who?.roles.some((r) => commissioning.includes(r)) ? 'assignment.ofLine' : 'assignment.own'
}
