import { get, open, ready, signIn } from './browser.mjs'

// How long the check desk takes from a keystroke until what is found is painted: the pause included, and from the moment the question is
// sent. Names that stand and names made of them are typed letter by letter, with so many milliseconds from one keystroke to the next;
// prints one line of JSON. FANGYU_DIVISION is where the names are to be, FANGYU_KEYSTROKES how many are counted.

const division = process.env.FANGYU_DIVISION ?? '渝北区'
const wanted = Number(process.env.FANGYU_KEYSTROKES ?? 240)
const betweenMs = 160
const browser = await open()
const { page } = browser
await signIn(page, 'yb-clerk', '/names?tab=check')
await page.locator('input[name=division]').click()
await page.locator('input[name=division]').fill(division)
await page.locator('.el-select-dropdown:visible [data-hit]').first().click()
await page.locator('.el-select', { has: page.locator('input[name=category]') }).click()
await page.locator('.el-select-dropdown:visible [data-category=village-committee]').click()
await ready(page)

const hit = (await get(page, `/api/suggest?q=${encodeURIComponent(division)}`)).items.find((h) => h.kind === 'division' || h.divisionId)
const { children } = await get(page, `/api/divisions/${hit.divisionId ?? hit.id}`)
const standing = []
for (const town of children.slice(0, 8)) {
  const villages = await get(page, `/ogc/collections/places/items?category=village-committee&divisionCode=${town.code}&limit=20`)
  standing.push(...villages.features.map((f) => f.properties.name).filter((n) => n.length >= 3 && n.length <= 6))
}
const names = standing.flatMap((n, i, all) => [n, n.slice(0, 1) + all[(i + 1) % all.length].slice(1)])

await page.evaluate(() => {
  globalThis.took = []
  const input = document.querySelector('input[name=name]')
  const result = document.querySelector('[data-judged]')
  let typed
  input.addEventListener('input', () => (typed = { at: performance.now(), name: input.value }), { capture: true })
  // Painted is the first task after the frame in which what was found stood in the page.
  new MutationObserver(() => {
    const mine = typed
    if (!mine || result.dataset.judged !== mine.name.trim()) return
    typed = undefined
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        const asked = performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/api/name-checks')).at(-1)
        const now = performance.now()
        globalThis.took.push({ whole: now - mine.at, sent: asked && asked.startTime >= mine.at ? now - asked.startTime : undefined, collides: !!document.querySelector('[data-findings] [data-code=duplicate-name], [data-findings] [data-code=homophone]') })
        performance.clearResourceTimings()
      }
      port2.postMessage(0)
    })
  }).observe(result, { attributes: true, attributeFilter: ['data-judged'] })
})

await page.locator('input[name=name]').click()
let keystrokes = 0
for (const name of names) {
  if (keystrokes >= wanted + 10) break
  await page.locator('input[name=name]').press('Control+a')
  for (const letter of name) {
    await page.keyboard.insertText(letter)
    keystrokes++
    await page.waitForTimeout(betweenMs)
  }
}
await page.waitForTimeout(1000)
const took = (await page.evaluate(() => globalThis.took)).slice(10) // after the first, which read the code of the map
const centile = (of, p) => {
  const sorted = took.map((t) => t[of]).filter((t) => t !== undefined).sort((a, b) => a - b)
  return Math.round(10 * sorted[Math.floor((sorted.length * p) / 100)]) / 10
}
const of = (which) => ({ p50: centile(which, 50), p95: centile(which, 95), p99: centile(which, 99) })
console.log(JSON.stringify({ keystrokes, painted: took.length, sharePaintedThatCollide: took.filter((t) => t.collides).length / took.length, wholeMs: of('whole'), fromSentMs: of('sent') }))
await browser.close()
