/**
 * Times every distinct convolution of the MobileNets on its own kernel, and the sum per network.
 *
 *     node test/bench/layers.ts [--target relaxed-simd] [--only pattern] [--rounds 30]
 *
 * Rounds are interleaved over the layers in slices of a few milliseconds; figures are minima and
 * medians of processor time. A loop of independent multiply-adds, timed in the same rounds, tells how fast the
 * machine is meanwhile. (On Node 20 run the compiled file, with --experimental-wasm-relaxed-simd.)
 */

import { parseArgs } from 'node:util'
import { seededInputs } from '../../compiler/running/seeded.ts'
import type { Graph, Value } from '../../ir/graph/graph.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { depthwise } from '../../targets/kernels/convolution/depthwise.ts'
import { direct } from '../../targets/kernels/convolution/direct.ts'
import { gemv } from '../../targets/kernels/convolution/gemv.ts'
import { pointwise } from '../../targets/kernels/convolution/pointwise.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { convGraph } from '../kernels/conv-graph.ts'
import { coverOf, KernelBench } from '../kernels/harness.ts'
import { Calibration } from './calibration.ts'
import { type Layer, NETWORKS, type NetworkName } from './network-layers.ts'

/** Multiply-adds per nanosecond of the reference machine's calibration loop. */
const REFERENCE = { relaxed: 24.8, plain: 12.4 }
const SLICE_MS = 4
const WARMUP_MS = 60

class Subject {
  readonly name: string
  readonly macs: number
  readonly samples: number[] = []
  readonly #run: () => void
  #repeats = 1

  constructor(name: string, macs: number, run: () => void) {
    this.name = name
    this.macs = macs
    this.#run = run
  }

  /** Runs past tier-up and finds how often to repeat to fill a slice. */
  warmUp(): void {
    for (const start = performance.now(); performance.now() - start < WARMUP_MS; ) this.#run()
    this.#repeats = Math.max(1, Math.round(SLICE_MS / Math.max(this.#time(20), 1e-4)))
  }

  sample(): void {
    this.samples.push(this.#time(this.#repeats))
  }

  get best(): number {
    return Math.min(...this.samples)
  }

  get median(): number {
    return [...this.samples].sort((a, b) => a - b)[this.samples.length >> 1] as number
  }

  /** Multiply-adds per nanosecond, at best. */
  get rate(): number {
    return this.macs / this.best / 1e6
  }

  /** Milliseconds of processor time per run; unlike wall-clock time it leaves out when others had the core. */
  #time(repeats: number): number {
    const start = process.cpuUsage()
    for (let i = 0; i < repeats; i++) this.#run()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000 / repeats
  }
}

function layerSubject(layer: Layer, target: Target): Subject {
  const graph = convGraph(layer.case)
  const kernel = [pointwise, gemv, depthwise, direct].find((k) => coverOf(k, graph, target))
  if (!kernel) throw new Error(`no kernel for ${layer.name}`)
  const cover = coverOf(kernel, graph, target)
  if (!cover) throw new Error(`no cover for ${layer.name}`)
  const bench = new KernelBench(cover, target)
  bench.prepare(operandsOf(graph))
  return new Subject(layer.name, bench.macs, () => bench.execute())
}

function operandsOf(graph: Graph): Map<Value, Tensor> {
  const tensors = seededInputs(graph)
  return new Map(graph.inputs.map((v, i) => [v, tensors[i] as Tensor]))
}

function benchTarget(target: Target, only: RegExp, rounds: number): void {
  const calibration = new Calibration(target)
  const loop = new Subject('calibration', calibration.macs, () => calibration.run())
  const layers = new Map(Object.values(NETWORKS).flatMap((list) => list.map((l) => [l.name, l] as const)))
  const subjects = [...layers.values()].filter((l) => only.test(l.name)).map((l) => layerSubject(l, target))
  for (const s of [loop, ...subjects]) s.warmUp()
  for (let i = 0; i < rounds; i++) for (const s of [loop, ...subjects]) s.sample()
  report(target, loop, subjects)
}

function report(target: Target, loop: Subject, subjects: readonly Subject[]): void {
  const scale = loop.rate / (target.relaxed ? REFERENCE.relaxed : REFERENCE.plain)
  console.log(`\n${target.name}, node ${process.versions.node}: calibration ${loop.rate.toFixed(1)} GMAC/s`)
  for (const s of subjects) {
    const times = `${(s.best * 1000).toFixed(1).padStart(8)} µs  median ${(s.median * 1000).toFixed(1).padStart(8)}`
    console.log(`${s.name.padEnd(34)} ${times} ${s.rate.toFixed(1).padStart(6)} GMAC/s`)
  }
  for (const name of Object.keys(NETWORKS) as NetworkName[]) {
    const sum = NETWORKS[name].reduce((ms, l) => ms + l.count * (subjects.find((s) => s.name === l.name)?.best ?? Number.NaN), 0)
    if (sum > 0) console.log(`${name.padEnd(10)} ${sum.toFixed(2)} ms, on the reference machine ${(sum * scale).toFixed(2)} ms`)
  }
}

const { values } = parseArgs({
  options: { target: { type: 'string' }, only: { type: 'string', default: '' }, rounds: { type: 'string', default: '30' } },
})
for (const target of TARGETS) {
  if (values.target ? values.target === target.name : target.simd) benchTarget(target, new RegExp(values.only), Number(values.rounds))
}
