import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A stretch that nobody could walk: one side declares it, the other confirms it, and only then the figures change.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')
const row = (id) => page.locator('[data-stretches] tr', { has: page.locator(`[data-stretch="${id}"]`) })

/** Takes an action of a stretch: its button, a reason, and waits until the row is in the state. */
async function act(id, name, state, reason = '') {
  await row(id).locator(`[data-action="${name}"]`).click()
  await dialog().locator('textarea[name=reason]').fill(reason)
  await dialog().locator('button[type=submit]').click()
  await page.locator(`[data-stretch="${id}"][data-state="${state}"]`).waitFor()
}

const classes = (round) => Object.fromEntries(round.figures.classes.map((c) => [c.class, c.lengthM]))
const shown = (name) => page.locator(`[data-classes] [data-class="${name}"]`).innerText()
const kilometres = (m) => new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(m / 1000)

test('a stretch counts once the other side confirms it, and never as walked', () =>
  withPicture(page, 'stretch', async () => {
    await signIn(page, 'yb-mzj')
    const { id } = (await get(page, '/api/inspections')).items[0]
    const path = `/inspections/${id}`
    const before = await get(page, `/api${path}`)
    const gaps = before.figures.intervals.filter((i) => i.class === 'not-checked' && i.toM - i.fromM >= 5)
    const n = gaps.reduce((most, gap, i) => (gap.toM - gap.fromM > gaps[most].toM - gaps[most].fromM ? i : most), 0)
    const { fromM, toM } = gaps[n]

    await page.setViewportSize(narrow)
    await page.goto(base + path)
    await ready(page)
    await page.locator('[data-declare]').click()
    await dialog().locator('[data-way=imagery]').click()
    await dialog().locator('.el-select', { has: page.locator('input[name=gap]') }).click()
    await page.locator(`.el-select-dropdown:visible [data-gap="${n}"]`).click()
    assert.equal(await dialog().locator('input[name=fromM]').inputValue(), String(fromM))
    await dialog().locator('.el-select', { has: page.locator('input[name=reason]') }).click()
    await page.locator('.el-select-dropdown:visible [data-reason=other]').click()
    await dialog().locator('[data-send]').click()
    await dialog().getByText('原因选“其他”时，请用文字写明为什么走不到').waitFor() // beside its field, with all the others
    await dialog().getByText('请写明影像的来源').waitFor()
    assert.equal(browser.wrong.splice(0).filter((w) => !w.includes('422')).length, 0) // the browser reports what was refused
    await picture(page, 'stretch-dialog-390')
    await dialog().locator('[data-way=viewed]').click()
    await dialog().locator('textarea[name=note]').fill('两侧均为绝壁，在对面山脊目视')
    await dialog().locator('[data-send]').click()
    await dialog().waitFor({ state: 'hidden' })
    await page.locator('[data-stretch][data-state=declared]').waitFor()
    await fits(page, path)
    const declared = (await get(page, `/api${path}`)).stretches.find((s) => s.state === 'declared')
    assert.deepEqual([declared.fromM, declared.toM, declared.class], [fromM, toM, 'viewed'])
    assert.match(declared.checkedOn, /^\d{4}-\d\d-\d\d$/)
    assert.equal(await row(declared.id).locator('[data-action=confirm]').count(), 0)
    assert.deepEqual(classes(await get(page, `/api${path}`)), classes(before))
    await picture(page, 'stretch-390', { fullPage: true })

    await page.setViewportSize(wide)
    await signIn(page, 'jb-mzj', path)
    await act(declared.id, 'confirm', 'confirmed')
    const after = await get(page, `/api${path}`)
    assert.equal(after.figures.walkedM, before.figures.walkedM)
    assert.ok(Math.abs(classes(after).viewed - classes(before).viewed - (toM - fromM)) < 0.002)
    await page.locator('[data-classes]').getByText(kilometres(classes(after).viewed)).waitFor()
    assert.ok((await shown('walked')).includes(kilometres(before.figures.walkedM)))
    await picture(page, 'stretch-1440', { fullPage: true })
    await page.goto(`${base}/api${path}/report`)
    assert.ok((await page.locator('body').innerText()).includes('双方确认的申报区段'))

    // Either side takes it back; then the round is left as it was found.
    await page.goto(base + path)
    await ready(page)
    await act(declared.id, 'withdraw', 'withdrawn', '改由无人机补查')
    assert.deepEqual(classes(await get(page, `/api${path}`)), classes(before))
    await page.locator('[data-action=compile]').click()
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-report]').waitFor()
    assert.deepEqual(browser.wrong, [])
  }))
