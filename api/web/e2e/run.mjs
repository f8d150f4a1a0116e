import { readdirSync } from 'node:fs'
import { after, describe } from 'node:test'
import { open } from './browser.mjs'

// Every browser test, a suite per file in the order of their names but for one, in one process and with one browser: to start one for each
// file, and to read every page anew, took a minute and a half of processor time.

const browser = await open()
after(() => browser.close())
const first = 'dispute.test.mjs' // disputes of a line that is no law yet, before agreement.test.mjs makes it law
const files = readdirSync(import.meta.dirname).filter((f) => f.endsWith('.test.mjs') && f !== first)
for (const file of [first, ...files.sort()]) describe(file, () => import(`./${file}`))
