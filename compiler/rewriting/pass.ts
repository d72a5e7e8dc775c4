/** Passes, and the runner that verifies the graph after each. */

import type { Graph } from '../../ir/graph/graph.ts'
import { ALWAYS, type Invariant, verify } from '../../ir/graph/verify.ts'
import { type Remarks, type Rule, rewrite } from './rewrite.ts'

interface PassBase {
  /** The name in kebab-case. It is also the name of the file, of the test, and the argument of `--print-after`. */
  readonly name: string
  readonly requires?: readonly Invariant[]
  readonly ensures?: readonly Invariant[]
}

export interface RulePass extends PassBase {
  readonly rules: readonly Rule[]
}

export interface GraphPass extends PassBase {
  run(graph: Graph, remarks: Remarks): Graph
}

export type Pass = RulePass | GraphPass

export interface PassEvents {
  /** After each pass: its name, the graph it made and how long it took. */
  readonly onPass?: (pass: string, graph: Graph, milliseconds: number) => void
  readonly onRemark?: (pass: string, text: string) => void
  /** Stop after the pass of this name. */
  readonly stopAfter?: string
}

/** Runs `passes` in order. After each of them, all invariants that passes have ensured so far are verified. */
export function runPasses(graph: Graph, passes: readonly Pass[], events: PassEvents = {}): Graph {
  const ensured = new Set<Invariant>(ALWAYS)
  let current = graph
  verify(current, [...ensured], 'import')
  for (const pass of passes) {
    verify(current, pass.requires ?? [], `before ${pass.name}`)
    const start = performance.now()
    const remarks: Remarks = (text) => events.onRemark?.(pass.name, text)
    current = 'rules' in pass ? rewrite(current, pass.rules, pass.name, remarks) : pass.run(current, remarks)
    for (const name of pass.ensures ?? []) ensured.add(name)
    verify(current, [...ensured], `after ${pass.name}`)
    events.onPass?.(pass.name, current, performance.now() - start)
    if (pass.name === events.stopAfter) break
  }
  return current
}
