import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, fits, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// The record is audited: the tiles say how much of what, a kind is picked, a finding looked at on the map and set aside with
// a reason, and the next audit does not list it as new.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

const shown = async (kind) => Number((await page.locator(`[data-kind="${kind}"] .fy-numbers`).innerText()).replace(/\D/g, ''))
const audited = async () => {
  const before = await page.locator('[data-audit]').getAttribute('data-audit').catch(() => null)
  await page.locator('[data-run]').click()
  await page.waitForFunction((was) => {
    const a = document.querySelector('[data-audit]')
    return a && a.dataset.audit !== was && a.dataset.state === 'done'
  }, before, { timeout: 60_000 })
  await page.locator('[data-findings] [data-code]').first().waitFor()
}

test('the record is audited, and what was looked at stays aside', () =>
  withPicture(page, 'audit', async () => {
    await signIn(page, 'cq-approver', '/names')
    await page.locator('[data-audits]').click()
    await page.locator('[data-run]').waitFor()
    await page.locator('[data-run]').click()
    await page.locator('[data-audit][data-state="done"]').waitFor({ timeout: 60_000 })
    await page.locator('[data-findings] [data-code]').first().waitFor()
    await picture(page, 'audits-1440')

    // By which pack names were judged, and what one rule finds.
    await page.locator('[data-judged-by] a').getByText('重庆市地名规则').waitFor()
    const rule = await page.locator('[data-rule] option').nth(1).getAttribute('value')
    const of = Number((await page.locator('[data-rule] option').nth(1).innerText()).replace(/^.*（([\d,]+)）$/, '$1').replace(/\D/g, ''))
    await page.locator('[data-rule]').selectOption(rule)
    await page.waitForURL(/rule=/)
    await page.getByText(new RegExp(`检查结果（${of.toLocaleString('zh-CN')}）`)).waitFor()
    await page.locator('[data-findings] [data-by-rule] a').first().waitFor()
    assert.equal(await page.locator('[data-findings] > li:not(:has([data-by-rule]))').count(), 0)
    const atTheList = () => page.locator('[data-rule]').evaluate((e) => e.scrollIntoView({ block: 'center' }))
    await atTheList()
    await picture(page, 'audit-rule-1440')
    await page.locator('[data-kind="generic-missing"]').click()
    await page.locator('[data-findings] [data-code="generic-missing"]').first().waitFor()
    assert.match(await page.locator('[data-findings] .cure').first().innerText(), /不因此更名/)
    await atTheList()
    await picture(page, 'audit-generic-1440')
    await page.locator('[data-kind="generic-missing"]').click()

    const before = await shown('duplicate-name')
    assert.ok(before > 100, `${before} duplicates in the demo`)
    await page.locator('[data-kind="children-differ"]').click()
    await page.locator('[data-findings] [data-code="children-differ"]').first().waitFor()
    assert.equal(await page.locator('[data-findings] > li:not([data-code="children-differ"])').count(), 0)
    const first = page.locator('[data-findings] > li').first()
    await first.locator('[data-map]').click()
    await first.locator('[data-idle="true"]').waitFor({ timeout: 30_000 })
    await picture(page, 'audit-map-1440')

    await page.locator('[data-kind="duplicate-name"]').click()
    await page.locator('[data-findings] [data-code="duplicate-name"]').first().waitFor()
    const one = page.locator('[data-findings] > li').first()
    const said = await one.locator('.detail').innerText()
    await one.locator('[data-set-aside]').click()
    const dialog = page.locator('.el-dialog:visible')
    await dialog.locator('[data-send]').click()
    await dialog.getByText('请写明看过之后为什么不必处理').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await dialog.locator('[name="reason"]').fill('两处相距甚远，均已沿用多年')
    await picture(page, 'audit-look-1440')
    await dialog.locator('[data-send]').click()
    await page.waitForFunction((n) => Number(document.querySelector('[data-kind="duplicate-name"] .fy-numbers').textContent.replace(/\D/g, '')) === n - 1, before)

    await audited()
    assert.equal(await shown('duplicate-name'), before - 1)
    await page.setViewportSize(narrow)
    await page.goto(`${base}/audits?looked=true`)
    await page.locator('[data-look]').getByText('均已沿用多年').waitFor()
    assert.equal(await page.locator('[data-findings] .detail').first().innerText(), said)
    await fits(page, '/audits?looked=true')
    await picture(page, 'audits-looked-390', { fullPage: true })
    await page.locator('[data-bring-back]').click()
    await page.locator('[data-findings]').waitFor({ state: 'detached' })
    await page.goto(`${base}/audits`)
    await ready(page)
    await page.locator('[data-findings] [data-code]').first().waitFor()
    await fits(page, '/audits')
    await picture(page, 'audits-390')
    await page.locator('[data-rule]').selectOption(rule)
    await page.locator('[data-findings] [data-by-rule] a').first().waitFor()
    await atTheList()
    await fits(page, '/audits by a rule')
    await picture(page, 'audit-rule-390')
    await page.setViewportSize(wide)

    // By another pack, to compare with.
    await page.locator('[data-pack]').selectOption('shandong-2020')
    await audited()
    await page.locator('[data-judged-by] a').getByText('山东省').waitFor()
    await page.locator('[data-judged-by] a').click()
    await page.waitForURL(/rule-packs\/shandong-2020/)
    assert.deepEqual(browser.wrong, [])
  }))
