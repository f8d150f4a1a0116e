import { readdirSync } from 'node:fs'
import { after, describe } from 'node:test'
import { open } from './browser.mjs'

// Every browser test, a suite per file in the order of their names, in one process and with one browser: to start one for each
// file, and to read every page anew, took a minute and a half of processor time.

const browser = await open()
after(() => browser.close())
for (const file of readdirSync(import.meta.dirname).filter((f) => f.endsWith('.test.mjs')).sort()) describe(file, () => import(`./${file}`))
