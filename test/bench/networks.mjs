/**
 * Whole networks, interleaved with the calibration loop, in one process.
 *
 *     node test/bench/networks.mjs [--networks v1,v2,v3l,v3s] [--targets simd128,relaxed-simd] [--rounds 40]
 *
 * Prints minimum and median milliseconds, GMAC/s, and the share of the calibrated ceiling (median
 * against median of the same rounds). Needs `npm run build`; relaxed SIMD needs Node ≥ 22, or Node 20
 * with --experimental-wasm-relaxed-simd.
 */

import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { CALIBRATION_MACS, calibrationModule } from '../../dist/compiler/bench/calibrate.js'
import { linkModel } from '../../dist/compiler/pipeline.js'
import { instantiate, runnable } from '../../dist/compiler/running/run-module.js'
import { createModel } from '../../dist/compiler/zoo/index.js'
import { TARGETS } from '../../dist/targets/target/target.js'

const ARCHITECTURES = { v1: 'mobilenet-v1', v2: 'mobilenet-v2', v3l: 'mobilenet-v3-large', v3s: 'mobilenet-v3-small' }
const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'v1,v2,v3l,v3s' },
    targets: { type: 'string', default: 'simd128,relaxed-simd' },
    rounds: { type: 'string', default: '40' },
  },
})

function sampleOf(name, run, macs) {
  for (let i = 0; i < 10; i++) run()
  return { name, run, macs, times: [] }
}

function calibration(target) {
  const { spin } = new WebAssembly.Instance(new WebAssembly.Module(calibrationModule(target))).exports
  const rounds = 100_000
  return sampleOf(`calibration ${target.name}`, () => spin(rounds), rounds * CALIBRATION_MACS)
}

function network(short, target) {
  const { modules, weights } = linkModel(createModel(ARCHITECTURES[short]), { targets: [target] })
  const [compiled] = modules
  const live = instantiate(compiled, weights)
  live.inputs[0].forEach((_, i, input) => {
    input[i] = Math.sin(i)
  })
  return sampleOf(`${short} ${target.name}`, live.run, compiled.macs)
}

const wanted = TARGETS.filter((t) => values.targets.split(',').includes(t.name))
const chosen = wanted.filter(runnable)
for (const target of wanted) if (!runnable(target)) console.log(`skipped: ${target.name}, which Node ${process.versions.node} does not run`)
const groups = chosen.map((target) => ({
  ceiling: calibration(target),
  samples: values.networks.split(',').map((short) => network(short, target)),
}))
const all = groups.flatMap((g) => [g.ceiling, ...g.samples])
for (let round = 0; round < Number(values.rounds); round++) {
  for (const sample of all) {
    const start = performance.now()
    sample.run()
    sample.times.push(performance.now() - start)
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const table = new Table({ head: ['', 'min ms', 'median ms', 'GMAC/s (min)', 'share of ceiling'], style: { head: [], border: [] } })
for (const { ceiling, samples } of groups) {
  const rate = (s, pick) => s.macs / pick(s.times) / 1e6
  const smallest = (list) => Math.min(...list)
  for (const s of [ceiling, ...samples]) {
    const share = rate(s, median) / rate(ceiling, median)
    table.push([
      s.name,
      smallest(s.times).toFixed(2),
      median(s.times).toFixed(2),
      rate(s, smallest).toFixed(1),
      `${(100 * share).toFixed(0)} %`,
    ])
  }
}
console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}`)
console.log(table.toString())
