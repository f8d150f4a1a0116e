import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { base, demoAccount, fits, get, narrow, open, picture, ready, signIn, wide, withPicture } from './browser.mjs'

// Work done through the pages: a naming case from its form to its approval, and a report signed by both sides.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())
beforeEach(() => browser.wrong.splice(0))

const dialog = () => page.locator('.el-dialog:visible')

/** Takes an action of the open page: its button, and what its dialog asks for. */
async function ask(name, fill = async () => {}) {
  await page.locator(`[data-action="${name}"]`).click()
  await dialog().waitFor()
  await fill()
  await dialog().locator('button[type=submit]').click()
}

/** As ask, and waits until the dialog is gone. */
async function act(name, fill) {
  await ask(name, fill)
  await dialog().waitFor({ state: 'hidden' })
}

/** Gives the account's password again, as signing and approving ask for. */
async function confirm(account) {
  await page.locator('input[name=confirmPassword]').fill((await demoAccount(account)).password)
}

/** A street name nobody has yet, of characters anybody knows. */
function newName() {
  const characters = [...'云岭松鹤翠湖星桥玉泉锦屏']
  const pick = () => characters[Math.floor(Math.random() * characters.length)]
  return `${pick()}${pick()}${pick()}${pick()}路`
}

test('a naming case goes from its form to a standard name', () =>
  withPicture(page, 'proposal', async () => {
    const name = newName()
    await signIn(page, 'yb-clerk', '/proposals/new')
    await page.locator('input[name=name]').fill(name)
    await page.locator('input[name=division]').click()
    await page.locator('input[name=division]').fill('渝北区')
    await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
    await page.locator('textarea[name=reason]').fill('新建道路，取意山水')
    await page.locator('[data-proposal] button[type=submit]').click()
    await page.waitForURL(/\/proposals\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await act('accept')
    for (const seat of ['seat-1', 'seat-2']) {
      await signIn(page, seat, path)
      await act('vote')
    }
    await signIn(page, 'cq-mzj', path)
    await act('approve', async () => {
      await page.locator('input[name=documentTitle]').fill('关于道路命名的批复')
      await page.locator('input[name=documentNumber]').fill('渝民〔2026〕1号')
      await confirm('cq-mzj')
    })
    await page.getByText('已批准').first().waitFor()
    assert.equal((await get(page, `/api${path}`)).state, 'approved')
    await page.goto(`${base}/names?q=${encodeURIComponent(name)}`)
    await page.locator('[data-hits]').getByText(name).waitFor()
    assert.deepEqual(browser.wrong, [])
  }))

/** Puts an invented firm among those whose names no place takes, as the register would have it. */
async function firmsHave(text) {
  const path = '/api/word-libraries/enterprises'
  const { version } = await get(page, path)
  const answer = await page.request.post(`${base}${path}/words`, { data: { add: [{ text }] }, headers: { 'If-Match': `"${version}"` } })
  assert.ok(answer.ok(), await answer.text())
}

/** Says something on a finding of the open case: the button, and the reason in its dialog. */
async function say(name, reason) {
  await page.locator(name).first().click()
  await dialog().waitFor()
  await dialog().locator('textarea[name=statement]').fill(reason)
}

test('a name that only a person clears is explained, cleared, voted on and approved', () =>
  withPicture(page, 'statement', async () => {
    const part = `翎${newName().slice(0, 2)}`
    const decision = async () => {
      await page.locator('input[name=documentTitle]').fill('关于道路命名的批复')
      await page.locator('input[name=documentNumber]').fill('渝民〔2026〕7号')
      await confirm('cq-mzj')
    }
    await signIn(page, 'yb-clerk')
    await firmsHave(part)
    await signIn(page, 'applicant', '/proposals/new')
    await page.locator('input[name=name]').fill(`${part}路`)
    await page.locator('input[name=division]').click()
    await page.locator('input[name=division]').fill('渝北区')
    await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
    await page.locator('textarea[name=reason]').fill('新建道路，取意山水')
    await page.locator(`textarea[name="explain-${part}"]`).fill('“翎”形容山势，与企业无关')
    await picture(page, 'statement-apply')
    await page.locator('[data-proposal] button[type=submit]').click()
    await page.waitForURL(/\/proposals\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await page.locator('[data-said=explain]').first().getByText('与企业无关').waitFor()
    assert.equal(await page.locator('[data-say=clear]').count(), 0, 'who applied cannot clear')
    await signIn(page, 'yb-clerk', path)
    await act('accept')

    await signIn(page, 'seat-1', path)
    await page.locator('[data-before-vote] [data-missing]').waitFor()
    assert.equal(await page.locator('[data-say]').count(), 0, 'a seat has no say')
    await act('vote')
    await signIn(page, 'seat-2', path)
    await act('vote')

    await signIn(page, 'cq-mzj', path)
    await ask('approve', decision)
    await dialog().locator('[data-code=statement-missing]').waitFor()
    await picture(page, 'statement-missing')
    await dialog().getByText('取消').click()
    assert.equal((await get(page, `/api${path}`)).state, 'resolved')

    await signIn(page, 'yb-clerk', path)
    await say('[data-say=clear]', '查登记机关名录，与该企业没有特定联系；“翎”形容山势')
    await picture(page, 'statement-dialog')
    await page.setViewportSize(narrow)
    await fits(page, 'the dialog of a statement')
    await picture(page, 'statement-dialog-390')
    await page.setViewportSize(wide)
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-said=clear][data-in-force=true]').first().getByText('没有特定联系；').waitFor()
    assert.equal(await page.locator('[data-missing]').count(), 0)

    await page.locator('[data-case-pack]').getByText('重庆市地名规则').waitFor()
    await page.locator('[data-trial] .el-select').click()
    await page.locator('.el-select-dropdown:visible [data-pack=chengdu-2025]').click()
    await page.locator('[data-trial] button[type=submit]').click()
    await page.locator('[data-tried] [data-side=other]').waitFor()
    await picture(page, 'statement-case')
    await page.setViewportSize(narrow)
    await fits(page, path)
    await picture(page, 'statement-case-390')
    const [own, other] = [await page.locator('[data-side=own]').boundingBox(), await page.locator('[data-side=other]').boundingBox()]
    assert.ok(other.y >= own.y + own.height, 'the two packs stand below each other')
    await page.setViewportSize(wide)

    await say('[data-withdraw]', '再查一次')
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-missing]').first().waitFor()
    await say('[data-say=clear]', '再查无误')
    await dialog().locator('button[type=submit]').click()
    await page.locator('[data-said=clear][data-in-force=true]').first().getByText('再查无误').waitFor()

    await signIn(page, 'seat-3', path)
    await page.locator('[data-before-vote]').getByText('再查无误').waitFor()
    await page.locator('[data-show-history]').click()
    await page.locator('[data-history=ready]').getByText('审核单位认定').first().waitFor()
    await picture(page, 'statement-history')
    await signIn(page, 'cq-mzj', path)
    await act('approve', decision)
    await page.getByText('已批准').first().waitFor()
    assert.equal((await get(page, `/api${path}`)).state, 'approved')
    await page.goto(`${base}/names?q=${encodeURIComponent(`${part}路`)}`)
    await ready(page)
    await page.locator('[data-hits]').getByText(`${part}路`).waitFor()
    assert.deepEqual(browser.wrong.filter((w) => !w.includes('422')), [])
  }))

test('a claim is written, sent to the bureau above, and unknown to the other side', () =>
  withPicture(page, 'claim', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    await page.goto(`${base}/claims/new?line=${line.id}`)
    await ready(page)
    await page.setViewportSize(narrow)
    await fits(page, '/claims/new')
    await page.setViewportSize(wide)
    await page.locator('input[name=title]').fill('山脊段以分水岭为界')
    await page.locator('textarea[name=text]').fill('历来以分水岭为界，双方村民管理至此。')
    await page.locator('[data-add-document]').click()
    await page.locator('input[name=documentTitle0]').fill('界线协议书及附图')
    await page.locator('input[name=documentNumber0]').fill('渝府〔1997〕1号')
    await page.locator('[data-claim-form] button[type=submit]').click()
    await page.waitForURL(/\/claims\/[0-9a-f-]{36}$/)
    const path = new URL(page.url()).pathname
    await page.locator('[data-documents]').getByText('界线协议书及附图').waitFor()
    await page.locator('[data-edit]').click()
    await page.locator('textarea[name=text]').fill('历来以分水岭为界。')
    await page.locator('[data-claim-form] button[type=submit]').click()
    await page.locator('[data-claim-form]').waitFor({ state: 'detached' })
    await act('send')
    await page.locator('main').getByText('已报上级').first().waitFor()
    await page.locator('[data-show-history]').click()
    await page.locator('[data-history=ready]').getByText('报送上级').waitFor()
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-claims]').getByText('山脊段以分水岭为界').waitFor()
    assert.deepEqual(browser.wrong, [])
    await signIn(page, 'cq-mzj', path)
    await page.getByRole('heading', { name: '山脊段以分水岭为界' }).waitFor()
    await signIn(page, 'jb-officer', path)
    await page.locator('[data-state=absent]').waitFor()
  }))

test('work at a line is given to somebody from a list', () =>
  withPicture(page, 'assignment', async () => {
    await signIn(page, 'yb-officer')
    const line = (await get(page, '/api/inspections')).items[0].line
    await page.goto(`${base}/lines/${line.id}`)
    await page.locator('[data-assign]').click()
    await dialog().locator('.el-select', { has: page.locator('input[name=account]') }).click()
    await page.locator('.el-select-dropdown:visible [data-assignee=surveyor]').click()
    assert.deepEqual(browser.wrong, [])
  }))

test('both sides sign the same bytes', () =>
  withPicture(page, 'signing', async () => {
    await signIn(page, 'jb-mzj')
    const { id } = (await get(page, '/api/inspections')).items[0]
    const path = `/inspections/${id}`
    await page.goto(base + path)
    await ready(page)
    await act('compile', () => page.locator('textarea[name=reason]').fill('按最新资料编制'))
    const digest = (await get(page, `/api${path}`)).reportSha256
    for (const side of ['jb-mzj', 'yb-mzj']) {
      await signIn(page, side, path)
      await act('sign', async () => {
        assert.equal(await page.locator('[data-sha256]').innerText(), digest)
        await dialog().locator('.el-checkbox').click()
        await confirm(side)
      })
    }
    const round = await get(page, `/api${path}`)
    const valid = round.signatures.filter((s) => !s.voidedAt)
    assert.deepEqual(valid.map((s) => s.contentSha256), [digest, digest])
    await page.goto(`${base}/api${path}/report`)
    assert.ok((await page.locator('body').innerText()).includes(digest.slice(0, 16)))
    assert.deepEqual(browser.wrong, [])
  }))
