import { createI18n } from 'vue-i18n'
import { speaks } from '@/api/client'
import en from './en'
import zhCN from './zh-CN'

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

const kept = 'fangyu.language'

/** The language chosen before, else Chinese: the offices that use it work in Chinese, whatever their browser says. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(kept)
  return languages.includes(chosen as Language) ? (chosen as Language) : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLanguage(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

/** Speaks the language from now on: texts, the page's lang attribute, and what the server is asked for. */
export function speak(language: Language): void {
  i18n.global.locale.value = language
  document.documentElement.lang = language
  speaks.language = language
  localStorage.setItem(kept, language)
}
