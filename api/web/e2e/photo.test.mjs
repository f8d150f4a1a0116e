import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, fits, get, narrow, open, ready, signIn, wide, withPicture } from './browser.mjs'
import { handIn, photo } from './photo.mjs'
import { gpxAlong } from './track.mjs'

// Photos handed in with a track: what each shows is said beside it, and the other side of the line sees none.

let browser
let page
before(async () => {
  browser = await open()
  page = browser.page
})
after(() => browser.close())

test('photos stand beside their track with what they say and show', () =>
  withPicture(page, 'photo', async () => {
    await signIn(page, 'yb-mzj', '/lines')
    const round = (await get(page, '/api/inspections')).items[0]
    const line = await get(page, `/ogc/collections/lines/items/${round.line.id}`)
    const marker = (await get(page, `/api/lines/${line.id}`)).markers.find((m) => m.lon != null)
    const here = { lon: marker.lon, lat: marker.lat - 6 / 111_320, taken: '2026:10:12 09:30:00', direction: 0 }
    const sent = await handIn(page, { lineId: line.id }, [
      { name: '第一天.gpx', bytes: Buffer.from(gpxAlong(line.geometry, 0.1)) },
      { name: '界桩.jpg', bytes: await photo(page, here, 200) },
      { name: '不知何处.jpg', bytes: await photo(page, undefined, 30) },
      { name: '坏的.jpg', bytes: Buffer.from('\xff\xd8\xff\xe0 no picture at all', 'latin1') },
    ])
    const [track, shot] = [sent.files[0].trackId, sent.files[1].photoId]
    await page.goto(`${base}/tracks/${track}`)
    await page.locator('[data-photo="read"]').nth(2).waitFor()
    const card = (name) => page.locator('[data-photo]', { hasText: name })
    await card('界桩.jpg').scrollIntoViewIfNeeded() // it is loaded when somebody comes to see it
    await card('界桩.jpg').locator('img').evaluate((img) => img.decode())
    const said = await card('界桩.jpg').innerText()
    for (const words of [`拍的是界桩 ${marker.number}`, '2026年10月12日', '朝北', String(marker.lon).slice(0, 7)]) assert.ok(said.includes(words), `${words} in ${said}`)
    assert.match(await card('不知何处.jpg').innerText(), /认不出拍的是哪座界桩[^]*登记表备注[^]*照片没有位置/)
    assert.match(await card('坏的.jpg').innerText(), /没有可看的图像[^]*没有完整的结尾/)
    await card('界桩.jpg').locator('button.picture').click()
    await page.locator('[data-public-copy]').evaluate((img) => img.decode())
    await page.keyboard.press('Escape')
    await page.setViewportSize(narrow)
    await fits(page, 'the track with photos')
    await page.setViewportSize(wide)
    assert.deepEqual(browser.wrong, [])
    for (const part of ['', '/thumbnail', '/public-copy', '/original']) {
      assert.equal((await page.request.get(`${base}/api/photos/${shot}${part}`)).status(), 200, part)
    }
    await signIn(page, 'jb-mzj', `/tracks/${track}`)
    await ready(page)
    for (const part of ['', '/thumbnail', '/public-copy', '/original']) {
      assert.equal((await page.request.get(`${base}/api/photos/${shot}${part}`)).status(), 404, part)
    }
    await page.locator('[data-photos]').waitFor()
    assert.equal(await page.locator('[data-photo]').count(), 0)
  }))
