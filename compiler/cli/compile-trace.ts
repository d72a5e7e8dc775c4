/** Stages and passes of one compilation, with their times and the last graph. */

import { type Graph, nodesOf } from '../../ir/graph/graph.ts'
import { printGraph } from '../../ir/graph/print.ts'
import { type Colors, formatTime, table } from '../terminal/output.ts'

interface Span {
  readonly name: string
  readonly milliseconds: number
  /** Nodes after a pass; stages have none. */
  readonly nodes?: number
}

export class CompileTrace {
  readonly #onStage: (stage: string) => void
  readonly #spans: Span[] = []
  #graph: Graph | null = null
  #stage: { readonly name: string; readonly start: number } | null = null
  #passes: Span[] = []

  constructor(onStage: (stage: string) => void) {
    this.#onStage = onStage
  }

  stage(name: string): void {
    this.end()
    this.#stage = { name, start: performance.now() }
    this.#onStage(name)
  }

  pass(name: string, graph: Graph, milliseconds: number): void {
    this.#graph = graph
    this.#passes.push({ name: `  ${name}`, milliseconds, nodes: nodesOf(graph).length })
  }

  /** Ends the current stage. */
  end(): void {
    if (this.#stage) this.#spans.push({ name: this.#stage.name, milliseconds: performance.now() - this.#stage.start }, ...this.#passes)
    this.#stage = null
    this.#passes = []
  }

  /** The graph after the last pass, as text. */
  get graph(): string {
    return this.#graph ? printGraph(this.#graph) : ''
  }

  times(colors: Colors): string {
    const rows = this.#spans.map(({ name, milliseconds, nodes }) => [
      name,
      formatTime(milliseconds),
      nodes === undefined ? '' : String(nodes),
    ])
    return table(colors, ['stage', 'time', 'nodes'], rows, [1, 2])
  }
}
