import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, demoAccount, get, narrow, open, ready, withPicture } from './browser.mjs'
import { gpxAlong } from './track.mjs'

let browser
let page
before(async () => {
  browser = await open({ viewport: narrow })
  page = browser.page
})
after(() => browser.close())

test('a surveyor signs in on a phone, uploads a track and sees its coverage', () =>
  withPicture(page, 'field', async () => {
    const { account, password } = await demoAccount('jb-mzj')
    await page.goto(`${base}/field/`)
    await ready(page)
    await page.locator('input[name=account]').fill(account)
    await page.locator('input[name=password]').fill(password)
    await page.locator('button[type=submit]').click()
    await page.locator('[data-account]').waitFor()
    const rounds = await get(page, '/api/inspections')
    const line = await get(page, `/ogc/collections/lines/items/${rounds.items[0].line.id}`)
    await page.locator(`[data-line="${line.id}"]`).click()
    await page.locator('input[type=file]').setInputFiles({ name: 'field-walk.gpx', mimeType: 'application/gpx+xml', buffer: Buffer.from(gpxAlong(line.geometry, 0.3)) })
    await page.locator('[data-send]').click()
    await page.locator('[data-receipt]').waitFor()
    const shown = await page.locator('[data-coverage]').innerText({ timeout: 30_000 })
    assert.match(shown, /\d+\.\d%/)
    assert.deepEqual(browser.wrong, [])
  }))
