/** Topological order of a graph's nodes. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { NodeProto } from '../onnx/proto.ts'

/**
 * Sorts nodes so that each comes after those that it reads from. The model's own order is kept where it already
 * has this property. ONNX requires such an order, but some tools do not keep it. Throws `Diagnostic` for a
 * cycle.
 */
export function sortNodes(nodes: readonly NodeProto[]): readonly NodeProto[] {
  const producers = new Map<string, number>()
  nodes.forEach((node, index) => {
    for (const name of node.output) producers.set(name, index)
  })
  const order: NodeProto[] = []
  const state = new Uint8Array(nodes.length)
  for (let root = 0; root < nodes.length; root++) if (state[root] === NEW) visit(root, nodes, producers, state, order)
  return order
}

const NEW = 0
const ENTERED = 1
const DONE = 2

/** Visits nodes depth first, with a stack of its own, because chains may be too long for recursion. */
function visit(
  root: number,
  nodes: readonly NodeProto[],
  producers: ReadonlyMap<string, number>,
  state: Uint8Array,
  order: NodeProto[],
): void {
  const stack = [{ index: root, next: 0 }]
  state[root] = ENTERED
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const node = nodes[top.index] as NodeProto
    const name = node.input[top.next++]
    if (name === undefined) {
      state[top.index] = DONE
      order.push(node)
      stack.pop()
      continue
    }
    const producer = producers.get(name)
    if (producer === undefined || state[producer] === DONE) continue
    if (state[producer] === ENTERED) {
      const message = `the nodes form a cycle: node ${JSON.stringify(node.name || `${node.opType}_${top.index}`)} (${node.opType}) reads ${JSON.stringify(name)}, which depends on its own result`
      throw new Diagnostic({ code: 'invalid-model', message })
    }
    state[producer] = ENTERED
    stack.push({ index: producer, next: 0 })
  }
}
