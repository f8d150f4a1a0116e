import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// A damaged marker is restored: one side finds and plans, the repair is not recorded before the neighbour has confirmed it.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

const dialog = () => page.locator('.el-dialog:visible')
const work = (kind, state) => page.locator(`[data-work-kind="${kind}"][data-work-state="${state}"]`)
const is = (state) => page.locator(`[data-marker-state="${state}"]`).waitFor()

/** Writes what was found or done, submits it and waits until it is there. */
async function write(kind, state, fill) {
  await page.locator('[data-write-work]').click()
  await dialog().locator(`[data-kind="${kind}"]`).click()
  await fill()
  await dialog().locator('[data-send]').click()
  await work(kind, state).first().waitFor()
  await dialog().waitFor({ state: 'hidden' })
}

/** Confirms what waits, with the password. */
async function confirm(kind, login) {
  await work(kind, 'submitted').locator('[data-action=confirm]').click()
  await dialog().locator('.el-checkbox', { has: page.locator('input[name=read]') }).click()
  await dialog().locator('input[name=confirmPassword]').fill((await demoAccount(login)).password)
  await dialog().locator('button[type=submit]').click()
  await work(kind, 'recorded').waitFor()
}
const note = (text) => dialog().locator('textarea[name=note]').fill(text)
const noPhotos = () => dialog().locator('input[name=noPhotos]').fill('大雾，拍不清')

test('a repair needs the neighbour', () =>
  withPicture(page, 'marker-work', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    const marker = await get(page, `/api/markers/${(await get(page, `/api/lines/${line.id}`)).markers.at(-1).id}`)
    const path = `/markers/${marker.id}`
    await page.setViewportSize(wide)
    await page.goto(base + path)
    await is('intact')
    await page.locator('[data-write-work]').click()
    await dialog().locator('[data-kind=damaged]').click()
    await dialog().locator('[data-send]').click()
    await dialog().getByText('请写明损坏的情况').waitFor()
    browser.wrong.splice(0) // the browser reports what was refused
    await picture(page, 'marker-work-dialog-1440')
    await page.setViewportSize(narrow)
    await picture(page, 'marker-work-dialog-390')
    await page.setViewportSize(wide)
    await note('东侧棱角断裂')
    await noPhotos()
    await dialog().locator('[data-send]').click()
    await is('damaged')
    await write('plan', 'submitted', async () => {
      await dialog().locator('[data-measure=repair]').click()
      await dialog().locator('[data-custodian]').first().click()
      await dialog().locator('input[name=dueOn]').fill('2027-03-31')
      await page.keyboard.press('Enter')
      await note('原位修补')
    })
    await is('damaged')

    await signIn(page, 'jb-officer', path)
    await confirm('plan', 'jb-officer')
    await is('awaiting-restoration')

    await signIn(page, 'yb-officer', path)
    await write('restoration', 'submitted', async () => {
      await dialog().locator('[data-measure=repair]').click()
      await note('修补断角并描红')
      await noPhotos()
      for (const [name, value] of [['lon', marker.lon], ['lat', marker.lat], ['sigma', 0.05]]) await dialog().locator(`input[name=${name}]`).fill(String(value))
      await dialog().locator('[data-method=rtk]').click()
    })
    await work('restoration', 'submitted').locator('[data-action=record]').click()
    await dialog().locator('button[type=submit]').click()
    await dialog().getByText('修复界桩须由管理一方在毗邻一方在场').waitFor()
    await dialog().getByText('第六条').first().waitFor()
    browser.wrong.splice(0)
    await picture(page, 'marker-repair-alone-1440')
    await is('awaiting-restoration')

    await signIn(page, 'jb-officer', path)
    await confirm('restoration', 'jb-officer')
    await is('restored')
    await ready(page)
    await picture(page, 'marker-work-1440', { fullPage: true })
    await page.setViewportSize(narrow)
    await fits(page, path)
    await picture(page, 'marker-work-390', { fullPage: true })
    const after = await get(page, `/api/markers/${marker.id}`)
    assert.deepEqual([after.state, after.lon, after.lat], ['restored', marker.lon, marker.lat])
    assert.deepEqual(browser.wrong, [])
  }))
