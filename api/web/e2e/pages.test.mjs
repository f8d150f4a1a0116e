import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, narrow, open, ready, signIn, wide, withPicture, picture } from './browser.mjs'

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))
const nothingWrong = () => assert.deepEqual(browser.wrong, [])

/** Types into a select that searches on the server and takes the first answer of that name. */
async function choose(name, text) {
  await page.locator(`input[name=${name}]`).click()
  await page.locator(`input[name=${name}]`).fill(text)
  const option = page.locator('.el-select-dropdown:visible [data-hit]').first()
  await option.waitFor()
  await option.click()
}

test('without an account, work asks to sign in and the public record is open', () =>
  withPicture(page, 'anonymous', async () => {
    for (const path of ['/lines', '/names']) {
      await page.goto(base + path)
      await ready(page)
      assert.equal(await page.locator('main [data-state=sign-in]').count(), 0, path)
    }
    nothingWrong()
    for (const path of ['/inspections', '/proposals', '/tracks']) {
      await page.goto(base + path)
      await page.locator('[data-state=sign-in]').waitFor()
    }
    await page.goto(`${base}/no/such/page`)
    await page.getByRole('heading', { name: '没有这个页面' }).waitFor()
  }))

test('characters beyond the basic plane are drawn', async () => {
  await page.goto(`${base}/names`)
  await ready(page)
  const [absent, rare, other] = await page.evaluate(() => ['\u{3fffd}', '𣵦', '𨟠'].map((text) => {
    const at = Object.assign(document.createElement('canvas'), { width: 60, height: 60 }).getContext('2d')
    at.font = `40px ${getComputedStyle(document.body).fontFamily}`
    at.fillText(text, 5, 45)
    return at.canvas.toDataURL()
  }))
  assert.notEqual(rare, absent, '𣵦 is a box: no font has it')
  assert.notEqual(rare, other)
})

test('the language changes and stays', () =>
  withPicture(page, 'language', async () => {
    await page.goto(`${base}/lines`)
    await page.getByRole('heading', { name: '界线' }).waitFor()
    await page.locator('[data-language]').click()
    await page.getByRole('heading', { name: 'Lines' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Lines' }).waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    await page.locator('[data-language]').click()
    await page.getByRole('heading', { name: '界线' }).waitFor()
    nothingWrong()
  }))

test('a wrong password is said beside the form', () =>
  withPicture(page, 'wrong-password', async () => {
    await page.goto(`${base}/sign-in`)
    await page.locator('input[name=account]').fill('yb-mzj')
    await page.locator('input[name=password]').fill('not-it')
    await page.locator('main button[type=submit]').click()
    await page.getByRole('alert').waitFor()
    assert.notEqual(await page.getByRole('alert').innerText(), '')
  }))

test('a name that is already there is found, with its clause, beside the form', () =>
  withPicture(page, 'name-check', async () => {
    await signIn(page, 'yb-clerk', '/names?tab=check')
    await page.locator('[data-name-check]').waitFor()
    await page.locator('input[name=name]').fill('渝北区')
    await page.locator('.el-select', { has: page.locator('input[name=category]') }).click()
    await page.locator('.el-select-dropdown:visible [data-category=division]').click()
    await choose('division', '重庆市')
    await page.locator('[data-name-check] button[type=submit]').click()
    await page.locator('[data-verdict]').waitFor()
    const finding = page.locator('[data-findings] > li').first()
    await finding.waitFor()
    assert.match(await finding.innerText(), /《.+》/)
    nothingWrong()
  }))

test('a name is judged as it is typed, by what is said of what it names', () =>
  withPicture(page, 'name-facts', async () => {
    await signIn(page, 'yb-clerk', '/names?tab=check')
    await page.locator('[data-name-check]').waitFor()
    await choose('division', '渝北区')
    await page.locator('input[name=name]').fill('翠屏大道')
    await page.locator('[data-findings] [data-code=insufficient-data]').waitFor()
    await page.locator('input[name=roadWidthM]').fill('32')
    await page.keyboard.press('Tab')
    await page.locator('[data-findings] [data-code=below-threshold]').waitFor()
    await ready(page)
    await picture(page, 'name-check-facts-1440', { fullPage: true })
    await page.locator('input[name=roadWidthM]').fill('44')
    await page.keyboard.press('Tab')
    await page.locator('[data-findings] [data-code=below-threshold]').waitFor({ state: 'detached' })
    await page.locator('.el-select', { has: page.locator('input[name=category]') }).click()
    await page.locator('.el-select-dropdown:visible [data-category=residential-building]').click()
    await page.locator('input[name=name]').fill('巴黎帝都花园')
    await page.locator('[data-findings] [data-code=limited-word]').nth(1).waitFor()
    await page.setViewportSize(narrow)
    await fits(page, '/names')
    await picture(page, 'name-check-facts-390', { fullPage: true })
    await page.setViewportSize(wide)
    nothingWrong()
  }))

test('rule packs are read with their clauses, and compared', () =>
  withPicture(page, 'rule-packs', async () => {
    await signIn(page, 'yb-clerk', '/names')
    await page.locator('[data-rule-packs]').click()
    await page.locator('[data-packs] a', { hasText: '重庆市地名规则' }).waitFor()
    await ready(page)
    await picture(page, 'rule-packs-1440', { fullPage: true })
    await page.locator('[data-packs] a', { hasText: '成都市' }).click()
    await page.locator('[data-rule="CD25-duplicate"]').waitFor()
    await page.locator('.el-select', { has: page.locator('input[name=from]') }).click()
    await page.locator('.el-select-dropdown:visible [data-pack=ningbo-2020]').click()
    await page.locator('[data-diff] [data-how=added]').first().waitFor()
    await ready(page)
    await picture(page, 'rule-pack-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, '/rule-packs/chengdu-2025')
    await picture(page, 'rule-pack-390', { fullPage: true })
    await page.goto(`${base}/rule-packs/chongqing-2022`)
    await page.getByText('绿地率（%） ≥ 40%').waitFor()
    await page.goto(`${base}/rule-packs`)
    await fits(page, '/rule-packs')
    await page.setViewportSize(wide)
    nothingWrong()
  }))

test('a division shows what happened to it, and what it was before and after', () =>
  withPicture(page, 'division', async () => {
    await signIn(page, 'cq-mzj')
    const change = {
      id: 'e2e-seat', title: '示例：城口县人民政府驻地迁移', basis: 'document',
      approval: { title: '示例批复', approvedBy: '重庆市人民政府', approvedOn: '2026-02-01', effectiveOn: '2026-03-01' },
      events: [{ kind: 'move-seat', from: [{ code: '500229', name: '城口县' }], to: [{ seat: '复兴街道' }] }],
    }
    const done = await page.request.post(`${base}/api/divisions/changes`, { data: { change } })
    assert.equal(done.status(), 200, await done.text())
    const { items } = await get(page, '/api/divisions?code=500229')
    for (const size of [wide, narrow]) {
      await page.setViewportSize(size)
      await page.goto(`${base}/divisions/${items[0].id}`)
      await ready(page)
      await page.locator('[data-event=move-seat]').waitFor()
      await page.locator('[data-clock=completion]').waitFor()
      await page.getByText('复兴街道', { exact: true }).first().waitFor()
      await page.locator('[data-shape=drawn]').waitFor()
      await page.locator('[data-earlier]').click()
      await page.waitForURL(/on=2022-10-31/)
      await page.locator('[data-slider] input').press('ArrowRight')
      await page.waitForURL(/on=2026-03-01/)
      await page.locator('[data-children] li').first().waitFor()
      await fits(page, '/divisions')
    }
    await page.setViewportSize(wide)
    nothingWrong()
  }))

test('a round shows both sides, its figures and a report to print', () =>
  withPicture(page, 'inspection', async () => {
    await signIn(page, 'yb-mzj')
    const { items } = await get(page, '/api/inspections')
    await page.goto(`${base}/inspections/${items[0].id}`)
    await ready(page)
    const text = await page.locator('main').innerText()
    assert.ok(text.includes(items[0].lead.name) && text.includes(items[0].cooperating.name))
    await page.locator('[data-forms]').waitFor()
    nothingWrong()
  }))

test('no page is wider than a phone', () =>
  withPicture(page, 'narrow', async () => {
    await page.setViewportSize(narrow)
    const lines = await get(page, '/api/lines?limit=1')
    for (const path of ['/lines', `/lines/${lines.items[0].id}`, '/inspections', '/names', '/names?tab=check', '/search?q=yubei', '/proposals', '/proposals/new', '/tracks', '/sign-in']) {
      await page.goto(base + path)
      await ready(page)
      await fits(page, path)
    }
    await page.setViewportSize(wide)
    nothingWrong()
  }))
