/**
 * Samples of covers of real networks: the work that the cost model assigns to them, and the time that they take
 * on this machine.
 */

import { quantileSorted } from 'simple-statistics'
import type { Graph } from '../../ir/graph/graph.ts'
import { type LinkableSchedule, link } from '../../targets/linking/link.ts'
import { packWeights } from '../../targets/linking/weights.ts'
import type { Cover } from '../../targets/selection/kernel.ts'
import type { Prices, Work } from '../../targets/target/cost.ts'
import type { Target } from '../../targets/target/target.ts'
import { schedule } from '../pipeline.ts'
import { instantiate, type LiveModule } from '../running/run-module.ts'
import { seeded, seededTensor } from '../running/seeded.ts'

export interface Sample {
  /** The kernel's name. */
  readonly kernel: string
  readonly work: Work
  readonly nanoseconds: number
}

/**
 * Changed prices under which networks are compiled. The model must also be right about kernels that it would
 * not choose.
 *
 * If a row call is expensive, every convolution stays alone. If row calls are free, all convolutions that can
 * be joined are. If matrix products are expensive, 1×1 convolutions become dense ones. If dense convolutions
 * are expensive, they go to the general loops.
 */
const EXTREMES: readonly ((prices: Prices) => Prices)[] = [
  (prices) => prices,
  (prices) => ({ ...prices, rowCall: prices.rowCall * 1e3 }),
  (prices) => ({ ...prices, rowCall: 0, inner: 0 }),
  (prices) => ({ ...prices, pointwise: prices.pointwise * 1e3, gemv: prices.gemv * 1e3 }),
  (prices) => ({ ...prices, direct: prices.direct * 1e3 }),
]

/** Runs before the measured ones. Engines optimise a function after a few calls, in the background. */
const WARMUP_RUNS = 15
const QUANTILE = 0.25
const NANOSECONDS = 1e6

/**
 * Compiles every graph under every set of changed prices, times the results in turn, `rounds` times, and gives
 * their samples.
 */
export async function samplesOf(graphs: readonly Graph[], target: Target, rounds: number): Promise<Sample[]> {
  const subjects = graphs.flatMap((graph) => variants(graph, target).map((planned) => new Subject(planned, target)))
  for (let i = 0; i < WARMUP_RUNS; i++) {
    for (const subject of subjects) subject.round()
    await new Promise((done) => setImmediate(done))
  }
  for (const subject of subjects) subject.forget()
  for (let i = 0; i < rounds; i++) for (const subject of subjects) subject.round()
  return subjects.flatMap((subject) => subject.samples())
}

/** The schedules that differ. */
function variants(graph: Graph, target: Target): LinkableSchedule[] {
  const schedules = EXTREMES.map((change) => schedule(graph, { ...target, prices: change(target.prices) }))
  const text = (s: LinkableSchedule): string => s.steps.map((step) => [step.fn, ...step.origins].join()).join(';')
  return schedules.filter((s, i) => schedules.findIndex((other) => text(other) === text(s)) === i)
}

/** A compiled network and the times of its steps. */
class Subject {
  readonly #schedule: LinkableSchedule
  readonly #live: LiveModule
  readonly #times: number[][]

  constructor(planned: LinkableSchedule, target: Target) {
    const weights = packWeights([planned])
    this.#schedule = planned
    this.#live = instantiate(link(planned, weights, target, { profile: true }), weights.bytes)
    const random = seeded(1)
    planned.inputs.forEach(({ type }, i) => {
      this.#live.inputs[i]?.set(seededTensor(type, random).data as never)
    })
    this.#times = planned.steps.map(() => [])
  }

  /** One run that brings the network into the caches, and one whose steps are timed. */
  round(): void {
    this.#live.run()
    let before = performance.now()
    this.#times.forEach((times, i) => {
      this.#live.step?.(i)
      const now = performance.now()
      times.push(now - before)
      before = now
    })
  }

  forget(): void {
    for (const times of this.#times) times.length = 0
  }

  /** One sample for each cover, with the time of all its steps. */
  samples(): Sample[] {
    const samples = new Map<Cover, Sample>()
    this.#schedule.covers.forEach((cover, i) => {
      if (!cover) return
      const sorted = (this.#times[i] as number[]).sort((a, b) => a - b)
      const before = samples.get(cover)?.nanoseconds ?? 0
      const nanoseconds = before + quantileSorted(sorted, QUANTILE) * NANOSECONDS
      samples.set(cover, { kernel: cover.kernel, work: cover.work, nanoseconds })
    })
    return [...samples.values()]
  }
}
