import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

const zone = 'Asia/Shanghai' // days and deadlines are in this zone everywhere

/** Today, 2026-11-24. */
export const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date())

/** Numbers and days as the reader's language writes them; units are part of the text. Absent values are a dash. */
export function useFormat() {
  const { t, te, locale } = useI18n()
  const number = (digits: number) => new Intl.NumberFormat(locale.value, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' })
  const absent = '-'

  const dayOf = (day?: string | null) => (day ? day.slice(0, 10) : absent)

  return {
    metres: (m?: number | null, digits = 1) => (m == null ? absent : t('unit.metres', { n: number(digits).format(m) })),
    kilometres: (m?: number | null, digits = 3) => (m == null ? absent : t('unit.kilometres', { n: number(digits).format(m / 1000) })),
    share: (fraction?: number | null, digits = 1) => (fraction == null ? absent : `${number(digits).format(fraction * 100)}%`),
    number: (n: number, digits = 0) => number(digits).format(n),
    /** A moment, from seconds since 1970 UTC, to the second. */
    time: (seconds: number) => new Intl.DateTimeFormat(locale.value, { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(new Date(seconds * 1000)),
    count: (n?: number | null) => (n == null ? absent : number(0).format(n)),
    bytes: (n: number) => (n < 1e6 ? t('unit.kilobytes', { n: number(0).format(Math.ceil(n / 1000)) }) : t('unit.megabytes', { n: number(1).format(n / 1e6) })),
    day: dayOf,
    /** A span of days; without a last one it lasts until now. */
    span: (from?: string | null, to?: string | null) => (to ? t('map.validSpan', { from: dayOf(from), to: dayOf(to) }) : t('map.validSince', { from: dayOf(from) })),
    /** Words one after the other, as the reader's language lists them. */
    list: (words: string[]) => words.join(t('unit.listComma')),
    /** A text with what explains it, in the brackets of the reader's language. */
    aside: (text: string, more: string) => t('unit.aside', { text, more }),
    degrees: (v?: number | null, digits = 6) => (v == null ? absent : v.toFixed(digits)),
    instant: (at?: string | null) =>
      at == null ? absent : new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(new Date(at)),
    /** A paper in a line: title, number, who issued it and when; undefined for none. */
    paper: (p?: { title: string; number: string; issuedBy: string; issuedOn: string } | null) => (p ? [p.title, p.number, p.issuedBy, p.issuedOn].filter(Boolean).join(' · ') : undefined),
    /** The word of an enumerated value; a value without a word is shown as it is. */
    word: (kind: string, value?: string | null) => (value ? (te(`${kind}.${value}`, 'zh-CN') ? t(`${kind}.${value}`) : value) : absent),
    language: computed(() => locale.value),
  }
}
