import type { Config } from '@/api/config'

export interface DemoAccount {
  account: string
  office?: string
  password?: string
}

// The accounts the demo makes, for servers that say only that they run it.
const usual = ['cq-mzj', 'yb-mzj', 'jb-mzj', 'yb-clerk', 'seat-1', 'seat-2', 'seat-3']

/** The demo's accounts as the server lists them, else the usual ones. */
export function demoAccounts(says: Config): DemoAccount[] {
  return says.demoAccounts ?? usual.map((account) => ({ account, password: 'fangyu-demo' }))
}
