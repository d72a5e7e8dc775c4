import { afterAll, describe, expect, it } from 'vitest'
import { compile, Diagnostic } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { instantiate } from '../kernels/engine.ts'
import { bytesOf, counting } from '../onnx/model.ts'
import { CLASSES, classifier, imageModel, pattern, removeFolders, SIDE, tinyModel } from './bundle.ts'

afterAll(removeFolders)

/** Channel means of the tensor of a model that has just classified. */
function channelsOf(model: Awaited<ReturnType<typeof classifier>>): number[] {
  const tensor = model.input('input')
  const plane = SIDE * SIDE
  return [0, 1, 2].map((c) => Array.from(tensor.subarray(c * plane, (c + 1) * plane), Number).reduce((a, b) => a + b, 0) / plane)
}

function plain(red: number, green: number, blue: number, width = 20, height = 20) {
  const data = new Uint8Array(width * height * 4)
  for (let i = 0; i < data.length; i += 4) data.set([red, green, blue, 0], i)
  return { data, width, height }
}

describe('classify', () => {
  it('scores classes by softmax, best first, with labels', async () => {
    const labels = Array.from({ length: CLASSES }, (_, i) => `label ${i}`)
    const model = await classifier({ preprocess: 'torchvision', labels })
    const classes = await model.classify(pattern(40, 30), { topK: 9 })
    expect(classes).toHaveLength(CLASSES)
    expect(classes.reduce((sum, c) => sum + c.score, 0)).toBeCloseTo(1, 6)
    expect([...classes].sort((a, b) => b.score - a.score)).toEqual(classes)
    for (const { index, label } of classes) expect(label).toBe(`label ${index}`)
    const logits = model.output('output')
    expect(classes[0]?.index).toBe(Array.from(logits, Number).indexOf(Math.max(...Array.from(logits, Number))))
    expect(await model.classify(pattern(40, 30), { topK: 1 })).toEqual(classes.slice(0, 1))
  })

  it('has the same result twice, whatever came between', async () => {
    const model = await classifier({ preprocess: 'tensorflow' })
    const first = await model.classify(pattern(61, 33))
    await model.classify(pattern(8, 200))
    expect(await model.classify(pattern(61, 33))).toEqual(first)
    expect(first[0]).not.toHaveProperty('label')
  })

  it('scores as many classes as an engine has no arguments for', async () => {
    const side = 300
    const nodes = [
      { op: 'Neg', in: ['x'], out: ['negated'] },
      { op: 'Flatten', in: ['negated'], out: ['scores'] },
    ]
    const model = await imageModel(bytesOf({ inputs: { x: counting([1, 3, side, side]) }, nodes }), { preprocess: 'none' })
    const classes = await model.classify(plain(0, 3, 200, side, side), { topK: 1 })
    expect(classes).toEqual([{ index: 0, score: expect.closeTo(1 / (side * side * (1 + Math.exp(-3))), 9) }])
  })

  it.each(['simd128', 'scalar'] as const)('fills inputs whose channels come last, on %s', async (target) => {
    const [height, width] = [12, 20]
    const nodes = [{ op: 'Flatten', in: ['x'], out: ['scores'] }]
    const options = { targets: [target], preprocess: { resize: [14, 23], channels: 'BGR', scale: 0.5, mean: [1, 2, 3] } } as const
    const last = await imageModel(bytesOf({ inputs: { x: counting([1, height, width, 3]) }, nodes }), options)
    const first = await imageModel(bytesOf({ inputs: { x: counting([1, 3, height, width]) }, nodes }), options)
    for (const model of [last, first]) await model.classify(pattern(61, 33), { topK: 1 })
    const [got, want] = [last.input('x') as Float32Array, first.input('x') as Float32Array]
    const plane = height * width
    expect(Array.from(got)).toEqual(Array.from(got, (_, i) => want[(i % 3) * plane + Math.floor(i / 3)]))
    await last.classify(plain(10, 200, 90), { topK: 1 })
    expect(Array.from(got.subarray(-3))).toEqual([44, 98, 2])
  })

  it('is the same in a single file', async () => {
    const preprocess = 'tensorflow'
    const [one, several] = [await classifier({ preprocess, singleFile: true }), await classifier({ preprocess })]
    expect(await one.classify(pattern(61, 33))).toEqual(await several.classify(pattern(61, 33)))
  })

  it.each([
    ['torchvision', [(10 / 255 - 0.485) / 0.229, (200 / 255 - 0.456) / 0.224, (90 / 255 - 0.406) / 0.225]],
    ['tensorflow', [10 / 127.5 - 1, 200 / 127.5 - 1, 90 / 127.5 - 1]],
    ['none', [10, 200, 90]],
    [{ channels: 'BGR', mean: [1, 2, 3], std: 2 }, [(90 - 1) / 2, (200 - 2) / 2, (10 - 3) / 2]],
    [{ scale: 0.5, mean: 1, std: [1, 2, 4], resize: [20, 30], filter: 'bicubic' }, [4, 99 / 2, 44 / 4]],
  ] as const)('%j scales as it says', async (preprocess, want) => {
    const model = await classifier({ preprocess })
    await model.classify(plain(10, 200, 90))
    channelsOf(model).forEach((x, c) => {
      expect(x).toBeCloseTo(want[c] as number, 4)
    })
  })

  it('takes large images through a strip: memory stays as it is', async () => {
    const model = await classifier({ preprocess: 'none' })
    const { buffer } = model.input('input')
    const bytes = buffer.byteLength
    await model.classify(plain(1, 2, 3, 4000, 3000))
    expect(channelsOf(model)).toEqual([1, 2, 3])
    await model.classify(plain(7, 8, 9, 16384, 3))
    expect(channelsOf(model)).toEqual([7, 8, 9])
    expect([model.input('input').buffer === buffer, buffer.byteLength]).toEqual([true, bytes])
  })

  it.each([
    [null, TypeError, 'expected an image, got null'],
    [7, TypeError, 'expected an image, got number'],
    [{}, TypeError, 'the image has no pixels: is it loaded?'],
    [{ data: new Uint8Array(12), width: 2, height: 2 }, RangeError, 'expected 2×2 pixels of RGBA, which are 16 bytes, got 12'],
    [{ data: 'x', width: 1, height: 1 }, RangeError, 'expected 1×1 pixels of RGBA, which are 4 bytes, got string'],
    [{ data: new Float32Array(4), width: 2, height: 2 }, RangeError, 'expected 2×2 pixels of RGBA, which are 16 bytes, got Float32Array'],
    [{ data: new Int8Array(16), width: 2, height: 2 }, RangeError, 'expected 2×2 pixels of RGBA, which are 16 bytes, got Int8Array'],
    [{ data: new ArrayBuffer(16), width: 2, height: 2 }, RangeError, 'expected 2×2 pixels of RGBA, which are 16 bytes, got object'],
    [{ data: new Uint8Array(16) }, RangeError, 'expected undefined×undefined pixels of RGBA, which are NaN bytes, got 16'],
    [{ data: new Uint8Array(24), width: 1.5, height: 4 }, RangeError, 'an image of 1.5×4 pixels: sides must be from 1 to 16384'],
    [{ width: 3, height: 3 }, TypeError, 'nothing decodes images here: pass { data, width, height }'],
    [new Blob(['x']), TypeError, 'nothing decodes images here: pass { data, width, height }'],
    [{ data: new Uint8Array(0), width: 0, height: 5 }, RangeError, 'an image of 0×5 pixels: sides must be from 1 to 16384'],
    [{ data: new Uint8Array(65540), width: 16385, height: 1 }, RangeError, 'an image of 16385×1 pixels: sides must be from 1 to 16384'],
  ])('refuses %j', async (image, kind, message) => {
    const model = await classifier({ preprocess: 'none' })
    await expect(model.classify(image as never)).rejects.toThrow(new kind(message))
    await expect(model.classify(plain(1, 2, 3), { topK: 0 })).rejects.toThrow('topK must be an integer of at least 1, not 0')
  })

  it('rejects once the model is disposed', async () => {
    const model = await classifier({ preprocess: { scale: 3 } })
    model.dispose()
    await expect(model.classify(plain(1, 2, 3))).rejects.toThrow('the model is disposed')
  })
})

describe('compile', () => {
  it('states preprocessing and labels in the manifest', async () => {
    const labels = ['a', 'b', 'c', '</script>']
    const { manifest, files } = await compile(tinyModel(), { preprocess: { resize: 32, channels: 'BGR', scale: 2 }, labels })
    expect(manifest.preprocessing).toEqual({
      resize: 32,
      filter: 'bilinear',
      crop: [SIDE, SIDE],
      halves: 'even',
      channels: 'BGR',
      scale: 2,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    })
    expect(manifest.labels).toEqual(labels)
    expect([...files.keys()]).toContain('image.js')
    expect(Buffer.from(files.get('index.js') as Uint8Array).toString()).not.toContain('</script>')
  })

  it('makes nothing for images where none is asked for', async () => {
    const { manifest, files } = await compile(tinyModel(), { targets: ['simd128'] })
    expect([manifest.preprocessing, manifest.labels, files.has('image.js')]).toEqual([null, null, false])
    const { exports } = instantiate(files.get('model.simd128.wasm') as Uint8Array)
    expect(Object.keys(exports).sort()).toEqual(['memory', 'run'])
  })

  it.each([
    [{ preprocess: 'imagenet' }, 'preprocess: expected torchvision, tensorflow, none or an object'],
    [{ preprocess: { size: 3 } }, 'preprocessing: unknown field "size", expected resize, filter, halves, channels, scale, mean, std'],
    [{ preprocess: { resize: 0 } }, 'preprocessing: resize must be a side, or [height, width], from 1 to 16384, not 0'],
    [{ preprocess: { filter: 'lanczos' } }, 'preprocessing: filter must be bilinear or bicubic, not "lanczos"'],
    [{ preprocess: { halves: 'up' } }, 'preprocessing: halves must be down or even, not "up"'],
    [{ preprocess: { channels: 'RGBA' } }, 'preprocessing: channels must be RGB or BGR, not "RGBA"'],
    [{ preprocess: { std: [1, 0, 1] } }, 'preprocessing: std must be a number other than 0, or three, not [1,0,1]'],
    [{ preprocess: { mean: [1, 0] } }, 'preprocessing: mean must be a number, or three, not [1,0]'],
    [{ preprocess: [] }, 'preprocessing: expected torchvision, tensorflow, none or an object'],
    [{ labels: 'a' }, 'labels: expected an array of strings'],
  ])('refuses %j', async (options, message) => {
    await expect(compile(tinyModel(), options as never)).rejects.toThrow(new TypeError(message))
  })

  it.each([
    [8, '8'],
    [[16, 12] as const, '[16,12]'],
  ])('refuses to resize to %j, less than the network sees', async (resize, text) => {
    const error = await compile(tinyModel(), { preprocess: { resize } }).catch((e) => e)
    expect(error).toBeInstanceOf(Diagnostic)
    expect(error.format()).toBe(
      `error[invalid-shape]: preprocessing: resize ${text} is smaller than the network's input, 16×16\n` +
        '  hint: resize to the size of the input or larger: the middle of it is what the network sees',
    )
  })

  it('resizes by default so that the longer side of the input fits', async () => {
    const inputShapes = [{ name: 'input', shape: [1, 3, 24, 42] }]
    const { manifest } = await compile(tinyModel(), { targets: ['simd128'], preprocess: 'torchvision', inputShapes })
    expect(manifest.preprocessing).toMatchObject({ resize: 48, crop: [24, 42] })
  })

  it('refuses labels that are not one for each class', async () => {
    const error = await compile(tinyModel(), { labels: ['a'] }).catch((e) => e)
    expect(error).toBeInstanceOf(Diagnostic)
    expect(error.message).toContain('1 labels are given for 4 classes')
  })

  it('refuses models that take no image', async () => {
    const batch = createModel('mobilenet-v1', { width: 0.1, resolution: 16, classes: 4, batch: 2 })
    const error = await compile(batch, { preprocess: 'none' }).catch((e) => e)
    expect(error).toBeInstanceOf(Diagnostic)
    expect(error.message).toContain(
      'preprocessing needs one input f32[1,3,height,width] or f32[1,height,width,3], the model has "input" f32[2,3,16,16]',
    )
  })
})
