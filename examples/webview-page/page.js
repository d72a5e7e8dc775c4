/** Loads the bundle in the folder `model`, runs it on a pattern of the right size, and shows the result. */

import { load } from './model/index.js'

const RUNS = 20

const status = document.querySelector('[role=status]')

/** Replaces a picture: values between -1 and 1, which most MobileNets take. */
function pattern({ shape }) {
  const length = shape.reduce((product, size) => product * size, 1)
  return Float32Array.from({ length }, (_, i) => Math.sin(i))
}

function indexOfLargest(values) {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0)
}

async function main() {
  const began = performance.now()
  const model = await load()
  const loaded = performance.now()
  const [input] = model.inputs
  const [output] = model.outputs
  model.input(input.name).set(pattern(input))
  model.warmup()
  const warm = performance.now()
  for (let i = 0; i < RUNS; i++) model.execute()
  const each = (performance.now() - warm) / RUNS
  const values = model.output(output.name)
  status.textContent = `Class ${indexOfLargest(values)} · ${model.target} · loaded in ${(loaded - began).toFixed()} ms · ${each.toFixed(1)} ms a run`
  document.body.dataset.output = JSON.stringify([...values])
}

main().catch((error) => {
  status.textContent = `${error}`
})
