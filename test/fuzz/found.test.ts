/** Every case that the fuzzer found once, on every target. */

import { describe, expect, it } from 'vitest'
import { runnable } from '../../compiler/running/run-module.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { foundCases } from './found.ts'
import { judge } from './judge.ts'

const found = foundCases(new URL('found/', import.meta.url).pathname)

describe('cases that failed once', () => {
  for (const [name, { was, case: c }] of found) {
    it(`${name} (${was})`, async () => {
      for (const { name } of TARGETS.filter(runnable)) {
        const { kind, detail } = await judge({ ...c, target: name })
        expect(kind, `${name}: ${detail}`).toBe('equal')
      }
    })
  }
})
