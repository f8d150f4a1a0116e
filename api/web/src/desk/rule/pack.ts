import type { RulePackRow } from '@/api/types'
import type { Words } from './params'

/** Where a pack holds or a word counts, in words; everywhere is what is said where it has no region. */
export const regionOf = (o: { region: string; regionName: string }, everywhere: string, t: Words): string => o.regionName || (o.region ? t('rule.codes', { region: o.region }) : everywhere)

/** The title of a pack in a choice: of a draft, that it is one. */
export const titleOf = (p: Pick<RulePackRow, 'state' | 'title'>, t: Words): string => (p.state === 'draft' ? t('rule.asDraft', { title: p.title }) : p.title)
