import type { Account } from '@/api/types'

/** Every role, those of the boundary side first; openapi.yaml has the same. */
export const roles: Account['roles'][number][] = [
  'party-officer',
  'party-leader',
  'superior',
  'approval-authority',
  'surveyor',
  'keeper',
  'archivist',
  'auditor',
  'clerk',
  'expert',
  'committee-member',
  'approver',
  'consulted-department',
  'competent-approver',
  'applicant',
  'filing-receiver',
  'editor',
  'administrator',
]
