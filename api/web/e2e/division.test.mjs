import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { fits, narrow, open, picture, signIn, wide, withPicture } from './browser.mjs'

// A planned change of divisions, before and after; nothing is recorded.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

/** 大渡口区 and 九龙坡区 become one, made up. */
const merged = JSON.stringify({
  id: 'e2e-merge',
  title: '撤销大渡口区、九龙坡区，设立渡坡区',
  basis: 'document',
  approval: { title: '关于试算的批复', approvedOn: '2026-10-01', effectiveOn: '2026-11-01' },
  events: [{ kind: 'merge', from: [{ code: '500104', name: '大渡口区' }, { code: '500107', name: '九龙坡区' }], to: [{ code: '500158', name: '渡坡区', level: 'county', kind: 'district', parent: '500000' }] }],
})

test('a planned change of divisions is shown before and after', () =>
  withPicture(page, 'division-change', async () => {
    await signIn(page, 'cq-admin', '/divisions/changes')
    const file = page.locator('input[name=file]')
    await file.setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{') })
    await page.getByText('这个文件不是 JSON').waitFor()
    await file.setInputFiles({ name: 'merged.json', mimeType: 'application/json', buffer: Buffer.from(merged) })
    const effect = page.locator('[data-division-effect]')
    await effect.waitFor({ timeout: 60_000 })
    const row = (name) => effect.locator('[data-changed-divisions] tbody tr').filter({ hasText: name })
    assert.match(await row('渡坡区').first().innerText(), /无 → 渡坡区[^]*无 → 500158[^]*平方公里（由图形合并）/)
    assert.match(await row('大渡口区 → 无').innerText(), /500104 → 无[^]*平方公里/)
    assert.match(await effect.innerText(), /大渡口区、九龙坡区/)
    await effect.locator('[data-changed-lines]').getByText('终止：两侧成为一个区划').first().waitFor()
    for (const side of ['before', 'after']) {
      await effect.locator(`[data-side=${side}]`).click()
      await page.locator('[data-idle=true]').waitFor()
      await picture(page, `division-change-${side}-1440`, { fullPage: true })
    }
    assert.doesNotMatch(await page.locator('main').innerText(), /\b(divisionChange|division|fabric)\.[a-z]+/i)
    await page.setViewportSize(narrow)
    await fits(page, '/divisions/changes')
    await picture(page, 'division-change-390', { fullPage: true })
    await page.setViewportSize(wide)
    const { items } = await page.evaluate(async () => (await fetch('/api/divisions?code=500158')).json())
    assert.deepEqual(items, [])
    assert.deepEqual(browser.wrong, [])
  }))
