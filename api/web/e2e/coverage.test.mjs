import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, narrow, open, ready, thorough, wide, withPicture } from './browser.mjs'

// What was checked of a line, as everybody may see it: nobody signs in here.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

test('coverage by class and by day adds up, and strip and map point at each other', () =>
  withPicture(page, 'coverage', async () => {
    const rows = (await get(page, '/ogc/collections/coverage/items?limit=1000')).features.map((f) => f.properties)
    const line = await get(page, `/api/lines/${rows[0].line}`)
    await page.goto(`${base}/lines/${line.id}`)
    await ready(page)
    await page.locator('[data-to-coverage]').click()
    await page.locator('[data-totals]').waitFor()

    const days = [...new Set(rows.filter((r) => r.line === line.id).map((r) => r.walkedOn ?? ''))].sort().reverse()
    const shownDays = await page.locator('[data-day]').evaluateAll((all) => all.map((d) => d.dataset.day))
    assert.deepEqual(shownDays, days)
    const km = await page.locator('[data-totals] tr[data-class] td:nth-child(2)').allInnerTexts()
    const sum = km.reduce((s, text) => s + parseFloat(text.replaceAll(',', '')), 0)
    assert.ok(Math.abs(sum - line.lengthM / 1000) < 0.003, `${km} of ${line.lengthM}`)

    // a place on the strip is marked on the map, and told with its class and days
    await page.locator('[data-idle=true]').waitFor()
    const walked = rows.find((r) => r.line === line.id && r.class === 'walked')
    const middle = (walked.fromM + walked.toM) / 2
    const strip = page.locator('[data-strip] [role=img]')
    const box = await strip.boundingBox()
    await page.mouse.move(box.x + (middle / line.lengthM) * box.width, box.y + 8)
    const told = page.locator('[data-told]')
    await told.getByText('已走到').waitFor()
    assert.match(await told.innerText(), /里程 \d+\.\d{3} 公里：已走到，日期 /)

    // a stretch of the strip is shown on the map, and there a place of the line is told again
    const before = await page.locator('[data-at]').getAttribute('data-at')
    await page.mouse.click(box.x + (middle / line.lengthM) * box.width, box.y + 8)
    await page.waitForFunction((b) => document.querySelector('[data-at]').dataset.at !== b, before)
    await page.mouse.move(box.x, box.y + 120)
    await told.getByText('指向或点按').waitFor()
    assert.deepEqual(browser.wrong, [])
  }))

test('a phone has room for the coverage, in both languages', thorough, () =>
  withPicture(page, 'coverage-narrow', async () => {
    const line = (await get(page, '/ogc/collections/coverage/items?limit=1')).features[0].properties.line
    await page.setViewportSize(narrow)
    for (const language of ['zh-CN', 'en']) {
      await page.goto(`${base}/lines/${line}/coverage`)
      await page.locator('[data-totals]').waitFor()
      await fits(page, `coverage in ${language}`)
      assert.doesNotMatch(await page.locator('main').innerText(), /\b(coverage|track|map|line)\.[a-z]+/i)
      await page.locator('[data-language]').evaluate((b) => b.click())
    }
    await page.setViewportSize(wide)
    assert.deepEqual(browser.wrong, [])
  }))
