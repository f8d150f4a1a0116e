import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, narrow, open, ready, wide, withPicture } from './browser.mjs'

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))
const nothingWrong = () => assert.deepEqual(browser.wrong, [])
const hits = () => page.locator('[data-hits] tbody tr')

test('typing suggests, marks what was asked for, and goes on by keyboard to all results', () =>
  withPicture(page, 'suggest', async () => {
    await page.goto(base)
    await ready(page)
    await page.getByPlaceholder('搜索地名').pressSequentially('yub')
    const first = page.locator('[data-hit]').first()
    await first.getByText('渝北').waitFor()
    assert.equal(await first.locator('mark').innerText(), '渝北')
    await page.keyboard.press('ArrowUp') // from the first to the last
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/search\?q=yub/)
    await hits().first().getByText('渝北区').waitFor()
    nothingWrong()
  }))

test('results have filters and a map, also on a phone', () =>
  withPicture(page, 'results', async () => {
    await page.goto(`${base}/search?q=${encodeURIComponent('龙')}&category=division`)
    await hits().first().waitFor()
    for (const row of await hits().allInnerTexts()) assert.match(row, /龙/)
    await page.locator('[data-result-map] [data-idle="true"]').waitFor({ timeout: 15_000 })
    await page.locator('input[name=searchDivision]').click()
    await page.locator('input[name=searchDivision]').fill('渝北区')
    await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
    await page.waitForURL(/division=/)
    await page.waitForFunction(() => [...document.querySelectorAll('[data-hits] tbody tr')].every((row) => row.innerText.includes('渝北区')))
    await page.setViewportSize(narrow)
    await page.reload() // as a phone opens it
    await hits().first().waitFor()
    await fits(page, '/search')
    await page.setViewportSize(wide)
    nothingWrong()
  }))
