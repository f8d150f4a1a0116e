import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const src = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((f) => f.isFile() && /\.(vue|ts)$/.test(f.name))
  .map((f) => join(f.parentPath ?? f.path, f.name))
const isText = (file) => relative(src, file).startsWith('text')

/** The catalogue as flat keys; the modules hold nothing but one object literal. */
async function catalogue(name) {
  const code = readFileSync(join(src, 'text', `${name}.ts`), 'utf8')
  const js = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
  const { default: messages } = await import(`data:text/javascript,${encodeURIComponent(js)}`)
  return flat(messages)
}

function flat(messages, prefix = '') {
  return Object.entries(messages).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)))
}

const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

test('both catalogues have the same keys with the same holes', async () => {
  const zh = new Map(await catalogue('zh-CN'))
  const en = new Map(await catalogue('en'))
  assert.deepEqual([...en.keys()].sort(), [...zh.keys()].sort())
  for (const [key, text] of zh) assert.deepEqual(holes(en.get(key)), holes(text), key)
})

test('every key a page asks for is there', async () => {
  const keys = new Set((await catalogue('zh-CN')).map(([key]) => key))
  for (const file of files) {
    for (const [, key] of readFileSync(file, 'utf8').matchAll(/(?<![\w$.])t\(\s*'([\w.-]+)'/g)) assert.ok(keys.has(key), `${relative(src, file)}: ${key}`)
  }
})

test('a page gives a text only what it has holes for', async () => {
  const texts = new Map(await catalogue('zh-CN'))
  for (const file of files) {
    for (const [, key, given] of readFileSync(file, 'utf8').matchAll(/(?<![\w$.])t\(\s*'([\w.-]+)',\s*\{([^{}()]*)\}\s*\)/g)) {
      const names = given.split(',').map((pair) => pair.split(':')[0].trim()).filter(Boolean)
      if (texts.has(key)) assert.deepEqual(names.filter((name) => !holes(texts.get(key)).includes(name)), [], `${relative(src, file)}: ${key}`)
    }
  }
})

test('every key is asked for', async () => {
  const code = files.filter((f) => !isText(f)).map((f) => readFileSync(f, 'utf8')).join('\n')
  const asked = (key) => {
    const parts = key.split('.')
    if (code.includes(`'${key}'`)) return true
    // by a template or by word(kind, value): the first part stands in the code
    return code.includes('`' + parts[0] + '.${') || code.includes(`word('${parts[0]}',`)
  }
  assert.deepEqual((await catalogue('zh-CN')).map(([key]) => key).filter((key) => !asked(key)), [])
})

test('no Chinese stands outside the catalogues', () => {
  const han = /\p{Script=Han}/u
  for (const file of files) {
    if (isText(file) || file.endsWith('.gen.ts')) continue
    const code = readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/(^|\s)\/\/.*$/gm, '')
    const at = code.split('\n').findIndex((line) => han.test(line))
    assert.equal(at, -1, `${relative(src, file)}: ${code.split('\n')[at]?.trim()}`)
  }
})

test('every enumerated value of the API has a word', async () => {
  const kinds = {
    Severity: 'severity',
    Level: 'divisionLevel',
    LineLevel: 'lineLevel',
    Category: 'category',
    LocatedBy: 'locatedBy',
    LegalStatus: 'legalStatus',
    MarkerType: 'markerType',
    MarkerState: 'markerState',
    MarkerFound: 'markerFound',
    CoverageClass: 'coverage',
    Receiver: 'receiver',
    TrackState: 'trackState',
    ProposalState: 'proposalState',
    AssignmentState: 'assignmentState',
    ClaimState: 'claimState',
    ChangeState: 'changeState',
    EvidenceClass: 'evidenceClass',
    StretchState: 'stretchState',
    StretchReason: 'stretchReason',
  }
  const keys = new Set((await catalogue('zh-CN')).map(([key]) => key))
  const yaml = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')
  for (const [schema, kind] of Object.entries(kinds)) {
    const values = yaml.match(new RegExp(`^    ${schema}: \\{type: string, enum: \\[([^\\]]+)\\]`, 'm'))
    assert.ok(values, `openapi.yaml has no enumeration ${schema}`)
    for (const value of values[1].split(',')) assert.ok(keys.has(`${kind}.${value.trim()}`), `${kind}.${value.trim()}`)
  }
})

test('every face of a state has a title and a hint', async () => {
  const keys = new Set((await catalogue('zh-CN')).map(([key]) => key))
  for (const face of ['loading', 'empty', 'error', 'sign-in', 'forbidden', 'absent']) assert.ok(keys.has(`state.${face}`), face)
  for (const face of ['empty', 'sign-in', 'forbidden', 'absent']) assert.ok(keys.has(`state.${face}Hint`), face)
})
