import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

// A real browser against a running server with the demo: FANGYU_URL says where. Everything a page did wrong while a
// test ran is kept, so that a test fails for a request to another host or an error in the console as well.

export const base = process.env.FANGYU_URL ?? 'http://127.0.0.1:8080'
export const out = fileURLToPath(new URL('out/', import.meta.url))
const executablePath = process.env.FANGYU_CHROMIUM ?? '/usr/bin/chromium'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader', // WebGL without a graphics card
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const wide = { width: 1440, height: 900 }
export const narrow = { width: 390, height: 844 }

let running // the browser while somebody has it open: { context, users, close }

/** Launches a browser with an empty profile of its own. */
async function launch() {
  const profile = await mkdtemp(join(tmpdir(), 'fangyu-e2e-'))
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: flags, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  await context.addInitScript(() => {
    globalThis.longTasks = []
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask', buffered: true })
  })
  const close = async () => {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
  return { context, users: 0, close }
}

/**
 * Opens a page where nothing is known of what was done before: in the browser that is open, else in a new one. It moves
 * nothing, as people can ask for, unless a test is about just that: each picture of a movement is drawn by the processor.
 */
export async function open({ viewport = wide, reducedMotion = 'reduce' } = {}) {
  running ??= await launch()
  running.users++
  const { context } = running
  const page = await context.newPage()
  await forget(page)
  await page.setViewportSize(viewport)
  await page.emulateMedia({ reducedMotion })
  const wrong = []
  const listeners = {
    request(r) {
      const url = new URL(r.url())
      if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.origin !== new URL(base).origin) wrong.push(`request to ${r.url()}`)
    },
    console(m) {
      if (m.type() === 'error' && !expected(m)) wrong.push(`console: ${m.text()} (${m.location().url})`)
    },
    weberror: (e) => wrong.push(`exception: ${e.error()}`),
  }
  for (const [event, listener] of Object.entries(listeners)) context.on(event, listener)
  return {
    context,
    wrong,
    page,
    async close() {
      for (const [event, listener] of Object.entries(listeners)) context.off(event, listener)
      await page.goto('about:blank').catch(() => {}) // what it still asks for is given up
      await page.close()
      if (--running.users > 0) return
      const { close } = running
      running = undefined
      await close()
    },
  }
}

/** Makes the browser forget who was signed in and whatever pages kept; what it has read and compiled it need not do again. */
async function forget(page) {
  const context = page.context()
  do {
    await context.clearCookies()
    await new Promise((later) => setTimeout(later, 200)) // an answer to the page before, on its way when that was closed, brings its cookie with it
  } while ((await context.cookies()).length > 0)
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin: new URL(base).origin, storageTypes: 'all' })
  await session.detach()
}

/** Chromium reports every 401 as an error; asking who is signed in answers so by contract. */
const expected = (m) => m.text().includes('401') && m.location().url.endsWith('/api/session')

/** Runs the steps; when they fail, a picture of the page lies in e2e/out. */
export async function withPicture(page, name, steps) {
  try {
    await steps()
  } catch (cause) {
    await mkdir(out, { recursive: true })
    const path = join(out, `failed-${name}.png`)
    await page.screenshot({ path }).catch(() => {})
    cause.message += `\n  picture: ${path}\n  page: ${page.url()}`
    throw cause
  }
}

export const ready = (page) => page.locator('[data-ready="true"]').first().waitFor({ timeout: 15_000 })

/** The demo account of that login, with its password, as the server itself offers it on the sign-in page. */
export async function demoAccount(account) {
  const config = await (await fetch(`${base}/api/config`)).json()
  const found = config.demoAccounts?.find((a) => a.account === account)
  if (!found) throw new Error(`the server at ${base} has no demo account ${account}`)
  return found
}

/** Signs the demo account in, whoever was signed in before, and goes on to the path where one is given. */
export async function signIn(page, account, to) {
  const { password } = await demoAccount(account)
  await page.context().clearCookies()
  const answer = await page.request.post(`${base}/api/session`, { data: { account, password } })
  if (!answer.ok()) throw new Error(`sign in as ${account}: ${answer.status()} ${await answer.text()}`)
  if (!to) return
  await page.goto(base + to)
  await ready(page)
}

/** Signs in on the sign-in page, whoever was signed in before, and goes on to the path. */
export async function signInWith(page, account, password, to = '/') {
  await page.context().clearCookies()
  await page.goto(`${base}/sign-in?to=${encodeURIComponent(to)}`)
  await page.locator('input[name=account]').fill(account)
  await page.locator('input[name=password]').fill(password)
  await page.locator('main button[type=submit]').click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
  await ready(page)
}

/** Keeps a picture to look at in e2e/out, where every test is run. */
export async function picture(page, name, options = {}) {
  if (process.env.FANGYU_E2E) await page.screenshot({ path: join(out, `${name}.png`), ...options })
}

/** Fails when what is shown is wider than the screen. */
export async function fits(page, path) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (overflow > 0) throw new Error(`${path} is ${overflow} px wider than the screen`)
}

/** Asks the API with the browser's session. */
export async function get(page, path) {
  const answer = await page.request.get(base + path)
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  return answer.json()
}

/** The processor time in milliseconds of the longest task of any page's main thread while the steps run. */
export async function longestTaskCpuMs(page, steps) {
  const session = await page.context().newCDPSession(page)
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done))
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] } })
  await steps()
  await session.send('Tracing.end')
  await complete
  await session.detach()
  const mains = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`))
  const tasks = events.filter((e) => e.name === 'RunTask' && mains.has(`${e.pid}/${e.tid}`)).map((e) => (e.tdur ?? 0) / 1000)
  if (tasks.length === 0) throw new Error('the trace holds no task of a main thread')
  return Math.round(Math.max(...tasks))
}

/** For what make e2e tries beyond the main way of each page: every run has twenty minutes for all. */
export const thorough = { skip: process.env.FANGYU_E2E ? false : 'tried by make e2e' }
