import { defineStore } from 'pinia'
import { call } from './client'

/** What the server says about itself to every page. Everything is optional: an older server says less. */
export interface Config {
  mapReviewNumber?: string // 审图号
  notice?: string // replaces the standing notice on maps
  source?: string // of the data drawn
  asOf?: string // day of the data drawn
  demo?: boolean
  demoAccounts?: { account: string; office: string; roles?: string[]; password?: string }[]
}

export const useConfig = defineStore('config', {
  state: () => ({ says: {} as Config }),
  actions: {
    async look(): Promise<void> {
      try {
        this.says = await call<Config>('/api/config')
      } catch {
        this.says = {}
      }
    },
  },
})
