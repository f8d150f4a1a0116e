import type { Rule } from '@/api/types'

/** The words of the page, as useI18n gives them. */
export type Words = (key: string, named?: Record<string, unknown>) => string
interface Measure {
  fact: string
  least?: number
  most?: number
  words?: string
}

const percent = (n: number) => `${Math.round(n * 1000) / 10}%`

/** A threshold in words: 绿地率（%） ≥ 40%. */
function measure(m: Measure, t: Words): string {
  const label = t(`fact.${m.fact === 'greenRatio' ? 'greenPercent' : m.fact}`)
  const value = (n: number) => (m.fact === 'greenRatio' ? percent(n) : String(n))
  if (m.words) return t('rule.has', { fact: label, words: m.words })
  return [m.least ? `${label} ≥ ${value(m.least)}` : '', m.most ? `${label} ≤ ${value(m.most)}` : ''].filter(Boolean).join(t('rule.also'))
}

/** The parameters of a rule in words, those that say something to people. */
export function paramsOf(params: Rule['params'], t: Words): { label: string; value: string }[] {
  const p = params as Record<string, unknown>
  const list = (v: unknown) => (v as string[] | undefined)?.filter((s) => !s.startsWith('@')).join(t('rule.listed'))
  const kinds = p.against as string[] | undefined
  const bounds = [
    p.least || p.most ? t('rule.nameLength', { least: p.least ?? 1, most: p.most ?? '—' }) : '',
    p.specificLeast || p.specificMost ? t('rule.specificLength', { least: p.specificLeast ?? 1, most: p.specificMost ?? '—' }) : '',
  ].filter(Boolean)
  const rows: [string, string | undefined][] = [
    ['scope', p.scope ? t(`ruleScope.${p.scope as string}`) : undefined],
    ['against', kinds?.length ? kinds.map((c) => t(`category.${c}`)).join(t('rule.listed')) : undefined],
    ['part', p.part ? t(`rulePart.${p.part as string}`) : undefined],
    ['prefixes', list(p.prefixes)],
    ['sound', p.sound ? t(`soundAlike.${p.sound as string}`) : undefined],
    ['folds', (p.folds as [string, string][] | undefined)?.map(([a, b]) => `${a.replace(/^[=-]/, '')} → ${b.replace(/^[=-]/, '')}`).join(t('rule.listed'))],
    ['alike', list(p.alike)],
    ['words', list(p.words)],
    ['followed', list(p.followed)],
    ['stacked', p.stacked ? t('ruleYes.stacked') : undefined],
    ['generic', list(p.generic)],
    ['preceded', list(p.preceded)],
    ['anyOf', (p.anyOf as Measure[][] | undefined)?.map((g) => g.map((m) => measure(m, t)).join(t('rule.also'))).join(t('rule.or'))],
    ['lengths', bounds.join(t('rule.also')) || undefined],
    ['near', p.near && p.withinM ? t('rule.within', { what: list(p.near) ?? '', n: p.withinM as number }) : list(p.near)],
    ['statement', p.statement ? t('ruleYes.statement') : undefined],
  ]
  return rows.filter((r): r is [string, string] => !!r[1]).map(([key, value]) => ({ label: t(`ruleField.params.${key}`), value }))
}

/** What a field of the parameters is filled in with. */
export type ParamField = 'scope' | 'categories' | 'part' | 'list' | 'sound' | 'pairs' | 'number' | 'library' | 'yes' | 'measures'

/** The parameters that a rule of each kind takes, in the order in which they are asked for, and what each is filled in with. */
export const paramFields: Record<Rule['kind'], Record<string, ParamField>> = {
  repeat: { scope: 'scope', library: 'library', against: 'categories', part: 'part', prefixes: 'list' },
  sound: { scope: 'scope', library: 'library', against: 'categories', sound: 'sound', folds: 'pairs' },
  glyph: { scope: 'scope', against: 'categories', alike: 'list' },
  parts: { least: 'number', most: 'number', specificLeast: 'number', specificMost: 'number' },
  script: {},
  character: {},
  number: { words: 'list' },
  word: { library: 'library', words: 'list', followed: 'list', statement: 'yes' },
  person: { words: 'list', statement: 'yes' },
  generic: { stacked: 'yes', words: 'list', generic: 'list', preceded: 'list' },
  measure: { generic: 'list', anyOf: 'measures' },
  district: {},
  nature: { words: 'list', near: 'list', withinM: 'number' },
  local: {},
  borrowed: {},
  protected: {},
}

/** The facts of an application that a threshold may be about. */
export const measuredFacts = ['roadWidthM', 'siteAreaM2', 'floorAreaM2', 'greenRatio', 'openAreaM2', 'storeys', 'heightM', 'functions']

/** Words written one after the other, parted by 、 or a comma, as a list; blanks do not count. */
export const listOf = (text: string): string[] =>
  text
    .split(/[、，,;；\n]/)
    .map((s) => s.trim())
    .filter(Boolean)
