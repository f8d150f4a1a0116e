import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, fits, get, narrow, open, ready, signIn, signInWith, wide, withPicture } from './browser.mjs'

// Accounts through the pages. The first real account closes the demo accounts, so these tests run last, by their name.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))
const nothingWrong = () => assert.deepEqual(browser.wrong, [])

const dialog = () => page.locator('.el-dialog:visible')
const chief = { account: 'e2e-chief', password: 'a first word of mine' }

/** Makes an account on the open list of accounts and returns its first password. */
async function makeAccount({ account, post, office, roles }) {
  await page.locator('[data-make]').click()
  await page.locator('input[name=login]').fill(account)
  await page.locator('input[name=post]').fill(post)
  await page.waitForLoadState('networkidle') // the list of offices comes with the dialog, and an option clicked while it comes is lost
  await dialog().locator('.el-select').click()
  await page.locator('.el-select-dropdown:visible').getByText(office, { exact: true }).click()
  for (const role of roles) await dialog().locator('.el-checkbox', { hasText: role }).click()
  await dialog().locator('button[type=submit]').click()
  return (await dialog().locator('[data-first-password] code').innerText()).trim()
}

test('an administrator sees offices, accounts, sessions and tokens at both widths', () =>
  withPicture(page, 'administrator', async () => {
    await signIn(page, 'cq-mzj')
    const { items } = await get(page, '/api/accounts?limit=1')
    for (const path of ['/account', '/accounts', `/accounts/${items[0].id}`, '/accounts/access', '/offices']) {
      await page.setViewportSize(narrow)
      await page.goto(base + path)
      await ready(page)
      for (const size of [narrow, wide]) {
        await page.setViewportSize(size)
        await page.locator('main :is(.el-table__row, [data-state=empty])').first().waitFor()
        await fits(page, path)
        for (const button of await page.locator('[data-end]').all()) {
          const box = await button.boundingBox()
          assert.ok(box.x + box.width <= size.width, `${path}: a button is cut at ${size.width} px`)
        }
      }
    }
    nothingWrong()
  }))

test('a new user changes the first password, and keeps tokens and sessions in hand', () =>
  withPicture(page, 'first-password', async () => {
    await signIn(page, 'yb-admin', '/accounts')
    const first = await makeAccount({ account: chief.account, post: '系统管理岗', office: '渝北区民政局', roles: ['界线经办', '系统管理'] })
    assert.ok(first.length >= 8)
    await dialog().locator('[data-kept]').click()
    await page.locator('[data-state=sign-in]').waitFor() // the demo is closed now

    await signInWith(page, chief.account, first, '/lines')
    assert.equal(new URL(page.url()).pathname, '/account/password')
    await page.goto(`${base}/inspections`)
    await page.locator('[data-password]').waitFor()
    await page.locator('input[name=current]').fill(first)
    await page.locator('input[name=next]').fill(chief.password)
    await page.locator('input[name=again]').fill(chief.password)
    await page.locator('[data-password] button[type=submit]').click()
    await page.waitForURL((url) => url.pathname === '/inspections')

    const other = await fetch(`${base}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(chief) })
    const cookie = other.headers.getSetCookie()[0].split(';')[0]
    const known = async () => (await fetch(`${base}/api/session`, { headers: { cookie } })).status
    assert.equal(await known(), 200)
    await page.goto(`${base}/account`)
    await ready(page)
    const sessions = page.locator('[data-sessions] .el-table__row')
    await page.locator('[data-end]').first().click()
    await page.locator('[data-end]').waitFor({ state: 'detached' })
    assert.equal(await sessions.count(), 1)
    assert.equal(await known(), 401)

    await page.locator('input[name=tokenName]').fill('外业手机')
    await page.locator('[data-token-form] button[type=submit]').click()
    const token = (await page.locator('[data-token]').innerText()).trim()
    const asked = async () => (await fetch(`${base}/api/tracks`, { headers: { Authorization: `Bearer ${token}` } })).status
    assert.equal(await asked(), 200)
    await page.locator('[data-revoke]').click()
    await page.locator('[data-tokens]').getByText('已撤销').waitFor()
    assert.equal(await asked(), 401)
  }))

test('in the field a first password is changed before anything else', () =>
  withPicture(page, 'field-first-password', async () => {
    await page.goto(`${base}/accounts`)
    await ready(page)
    const first = await makeAccount({ account: 'e2e-surveyor', post: '外业岗', office: '界线测绘队', roles: ['测绘作业'] })
    await page.context().clearCookies()
    await page.setViewportSize(narrow)
    await page.goto(`${base}/field/`)
    await page.locator('input[name=account]').fill('e2e-surveyor')
    await page.locator('input[name=password]').fill(first)
    await page.locator('button[type=submit]').click()
    await page.locator('[data-password]').waitFor()
    assert.equal(await page.locator('[data-lines]').count(), 0)
    await fits(page, '/field/')
    await page.locator('input[name=current]').fill(first)
    for (const name of ['next', 'again']) await page.locator(`input[name=${name}]`).fill('one more word of mine')
    await page.locator('[data-password] button[type=submit]').click()
    await page.locator('[data-lines=ready]').waitFor()
    nothingWrong()
  }))
