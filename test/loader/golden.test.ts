import { expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { bytesOf, counting } from '../onnx/model.ts'

/** The table in the loader has a list of [index, value] for each output. */
async function samplesOf(outputs: readonly string[]): Promise<unknown> {
  const nodes = [
    { op: 'Neg', in: ['x'], out: ['scores'] },
    { op: 'ArgMax', in: ['scores'], out: ['classes'], attrs: { axis: 0 } },
  ]
  const bundle = await compile(bytesOf({ inputs: { x: counting([3, 4]) }, nodes, outputs }), { targets: ['scalar'] })
  const text = Buffer.from(bundle.files.get('index.js') as Uint8Array).toString()
  const lists = /"?golden"?:(\[\[.*?\]\]\]|\[\[.*?\],\[\]\]|\[\[\],\[.*?\]\]\])/.exec(text)?.[1]
  return (JSON.parse(lists ?? 'null') as unknown[][]).map((list) => list.length)
}

it('the self-test leaves classes out where there are scores, and has them where there are not', async () => {
  expect(await samplesOf(['scores', 'classes'])).toEqual([6, 0])
  expect(await samplesOf(['classes', 'scores'])).toEqual([0, 6])
  expect(await samplesOf(['classes'])).toEqual([4])
})
