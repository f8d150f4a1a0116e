import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import ts from 'typescript'

const code = readFileSync(new URL('../src/desk/track/trace.ts', import.meta.url), 'utf8')
const js = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
const { shown, pathsOf, axisOf, curve, ticks } = await import(`data:text/javascript,${encodeURIComponent(js)}`)

/** Two segments: a jump at 2, a stop from 4 to 6, and positions without chainage or time where they are null. */
const points = {
  segment: [0, 0, 0, 0, 1, 1, 1, 1],
  lon: [1, 2, 9, 3, 4, 4, 4, 5],
  lat: [0, 0, 9, 0, 0, 0, 0, 0],
  time: [1000, 2800, 2900, 4600, null, null, null, null],
  chainageM: [0, 100, null, 200, 300, 300, 300, 400],
  elevationM: [10, 20, 99, null, 30, 30, 30, 40],
  flags: [0, 0, 2, 0, 16, 16, 16, 0],
}
const events = [{ code: 'teleport', from: 2, to: 2, count: 1 }, { code: 'stop', from: 4, to: 6, count: 3 }]

test('cleaned, flagged positions are left out and a stop is one', () => {
  assert.deepEqual(shown({ points, events }, false), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(shown({ points, events }, true), [0, 1, 3, 5, 7])
})

test('segments and gaps part the lines', () => {
  assert.deepEqual(pathsOf({ points, events }, [0, 1, 3, 5, 7]), [[[1, 0], [2, 0], [3, 0]], [[4, 0], [5, 0]]])
  const gap = { code: 'gap', from: 1, to: 3, count: 2 }
  assert.deepEqual(pathsOf({ points, events: [gap] }, [0, 1, 3]), [[[1, 0], [2, 0]], [[3, 0]]])
  assert.deepEqual(curve({ points, events: [gap] }, points.lat, [0, 1, 3], 'chainage').map((c) => c.length), [2, 1])
})

test('a chart goes along the line, else time, else the order, and parts where nothing is known', () => {
  assert.equal(axisOf(points), 'chainage')
  const off = { ...points, chainageM: points.chainageM.map(() => null) }
  assert.equal(axisOf({ ...off, time: points.lon }), 'time')
  assert.equal(axisOf({ ...off, time: off.chainageM }), 'order')
  const xs = (axis, indices) => curve({ points, events }, points.elevationM, indices, axis).map((c) => c.map((d) => [d.x, d.y, d.index]))
  assert.deepEqual(xs('chainage', [0, 1, 3, 5, 7]), [[[0, 10, 0], [0.1, 20, 1]], [[0.3, 30, 5], [0.4, 40, 7]]])
  assert.deepEqual(xs('time', [0, 1, 2, 3]), [[[0, 10, 0], [0.5, 20, 1], [1900 / 3600, 99, 2]]])
  assert.deepEqual(xs('order', [2, 4]), [[[2, 99, 2]], [[4, 30, 4]]])
})

test('ticks are round and lie between the ends', () => {
  assert.deepEqual(ticks(0, 10), [0, 5, 10])
  assert.deepEqual(ticks(0.13, 0.49), [0.2, 0.3, 0.4])
  assert.deepEqual(ticks(-3, 7), [0, 5])
  assert.deepEqual(ticks(5, 5), [5])
})
