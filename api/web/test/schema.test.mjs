import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { generate, target } from '../generate.mjs'

test('the types are those of openapi.yaml', async () => {
  assert.ok((await readFile(target, 'utf8')) === (await generate()), 'stale: run npm run generate')
})
