import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// How the shapes of divisions fit together: what bringing their edges together would come to, and the exclaves on record.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

/** Pictures of the page in both widths, in which everything has room. */
async function pictures(name) {
  for (const [size, width] of [[wide, 1440], [narrow, 390]]) {
    await page.setViewportSize(size)
    await fits(page, `${name} at ${width}`)
    await ready(page)
    await picture(page, `${name}-${width}`, { fullPage: true })
  }
  await page.setViewportSize(wide)
}

test('the bureau above sees what bringing edges together would come to, and no other does', () =>
  withPicture(page, 'reconciliation', async () => {
    await signIn(page, 'yb-officer', '/fabric')
    await page.locator('[data-fabric]').waitFor({ timeout: 30_000 })
    assert.equal(await page.locator('[data-preview]').count(), 0)

    await signIn(page, 'cq-mzj', '/fabric')
    await page.locator('[data-preview]').waitFor({ timeout: 30_000 })
    await page.locator('input[name=toleranceM]').fill('abc')
    await page.locator('[data-preview]').click()
    await page.getByText('大于 0').or(page.getByText('0 到 100 之间的数')).first().waitFor()
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('400')).length, 0)
    await page.locator('input[name=toleranceM]').fill('0.1')
    await page.locator('[data-preview]').click()
    await page.locator('[data-reconciliation]').waitFor({ timeout: 60_000 })
    const told = await get(page, '/api/fabric/reconciliation?toleranceM=0.1')
    assert.equal(await page.locator('[data-reconciliation]').getAttribute('data-pairs'), String(told.pairs.length))
    const moved = told.pairs.find((p) => p.moved.length)
    assert.ok(moved, 'the demo has edges that do not match')
    const pair = page.locator('[data-moves] > li').filter({ hasText: `${moved.a.name}—${moved.b.name}` })
    assert.match(await pair.innerText(), new RegExp(`${moved.moved.find((m) => m.maxM > 0.001).unit.name}的边有`))
    const before = await page.locator('[data-reconciliation-map] [data-at]').getAttribute('data-at')
    await pair.locator('[data-look-move]').first().click()
    await page.waitForFunction((b) => document.querySelector('[data-reconciliation-map] [data-at]').dataset.at !== b, before)
    await page.locator('[data-units]').getByText(told.units[0].unit.name).waitFor()
    assert.doesNotMatch(await page.locator('main').innerText(), /\b(reconciling|fabric|fabricCode)\.[a-z]+/i)
    await pictures('reconciliation')
    assert.deepEqual(browser.wrong, [])
  }))

test('an exclave is recorded by its paper, and its record ended by another', () =>
  withPicture(page, 'exclave', async () => {
    await signIn(page, 'cq-mzj', '/fabric')
    await page.locator('[data-record]').first().click({ timeout: 30_000 })
    const dialog = page.locator('.el-dialog:visible')
    const send = async (path, status) => {
      const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes(path)), dialog.locator('[data-send]').click()])
      assert.equal(answer.status(), status)
      return answer
    }
    await dialog.locator('input[name=documentTitle]').fill('关于飞地归属的批复')
    await dialog.locator('input[name=validFrom]').fill('1997-06-18')
    await page.keyboard.press('Enter')
    const { id } = await (await send('/api/exclaves', 201)).json()
    await dialog.waitFor({ state: 'hidden' })
    const record = page.locator(`[data-exclave="${id}"]`)
    await record.getByText('关于飞地归属的批复').waitFor()

    await record.locator('[data-end]').click()
    await send('/end', 422)
    await dialog.getByText('请写明自何日起不再是飞地').waitFor()
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('422')).length, 0)
    await picture(page, 'exclave-end-1440')
    await page.setViewportSize(narrow)
    await picture(page, 'exclave-end-390')
    await page.setViewportSize(wide)
    await dialog.locator('input[name=documentTitle]').fill('关于飞地归并的批复')
    await dialog.locator('input[name=endedOn]').fill('2026-01-01')
    await page.keyboard.press('Enter')
    await send('/end', 200)
    await dialog.waitFor({ state: 'hidden' })
    await page.locator(`[data-exclave="${id}"][data-ended="2026-01-01"]`).getByText('关于飞地归并的批复').waitFor()
    assert.equal(await record.locator('[data-end]').count(), 0)
    await pictures('exclaves')
    assert.deepEqual(browser.wrong, [])

    await signIn(page, 'yb-officer', '/fabric')
    await record.waitFor({ timeout: 30_000 })
    assert.equal(await page.locator('[data-end], [data-record]').count(), 0)
    assert.equal((await get(page, '/api/exclaves?datetime=2026-06-01')).items.length, 0)
  }))
