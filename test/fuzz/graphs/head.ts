/** From the last map of features to classes, in the spellings of exporters. */

import type { FuzzAttr } from '../case.ts'
import type { Feature, Network } from './network.ts'

/** The mean of each channel, as a map of 1×1. */
export function globalMean(net: Network, x: Feature): Feature {
  const pooled = { ...x, height: 1, width: 1 }
  const { height, width } = x
  const spell = net.pick.choose<() => string>([
    () => net.spatially(x, (nchw) => net.node('GlobalAveragePool', [nchw])),
    () => net.withAxes('ReduceMean', x.name, net.spatialAxes, 18, net.pick.chance(0.5) ? { keepdims: 1 } : {}),
    () => net.withAxes('ReduceMean', x.name, net.nhwc ? [1, 2] : [-1, -2], 18, { keepdims: 1 }),
    () => net.spatially(x, (nchw) => net.node('AveragePool', [nchw], { kernel_shape: [height, width] })),
  ])
  return { ...pooled, name: spell() }
}

/** [N, C] from a map of 1×1. */
function flattened(net: Network, x: Feature): string {
  const { batch, channels, name } = x
  return net.pick.choose<() => string>([
    () => net.node('Flatten', [name]),
    () => net.node('Reshape', [name, net.ints([net.pick.choose([0, batch]), net.pick.choose([-1, channels])])]),
    () => net.withAxes('Squeeze', name, net.spatialAxes, 13),
    () => viaShape(net, name),
  ])()
}

/** The batch read from the shape, as tracing exporters do. */
function viaShape(net: Network, x: string): string {
  const batch = net.node('Gather', [net.node('Shape', [x]), net.int(0)], { axis: 0 })
  const listed = net.withAxes('Unsqueeze', batch, [0], 13)
  return net.node('Reshape', [x, net.node('Concat', [listed, net.ints([-1])], { axis: 0 })])
}

function dense(net: Network, x: string, from: number, to: number): string {
  const bias = (): string => net.uniform(net.pick.chance(0.7) ? [to] : [1, to], -0.5, 0.5)
  const gemm = (transB: number): string => {
    const scale: Record<string, FuzzAttr> = net.pick.chance(0.2) ? { alpha: { float: 0.5 }, beta: { float: 2 } } : {}
    const c = net.opset < 11 || net.pick.chance(0.8) ? [bias()] : []
    return net.node('Gemm', [x, net.weights(transB ? [to, from] : [from, to], from), ...c], { ...scale, ...(transB && { transB }) })
  }
  return net.pick.choose<() => string>([
    () => gemm(1),
    () => gemm(0),
    () => net.node('Add', [net.node('MatMul', [x, net.weights([from, to], from)]), bias()]),
    () => net.node('MatMul', [x, net.weights([from, to], from)]),
  ])()
}

/** Mean, dense layer and perhaps softmax. */
export function classifier(net: Network, x: Feature): string {
  const mean = globalMean(net, x)
  const classes = net.pick.choose([1, 2, 5, 8, 10, 17])
  const kept = net.pick.chance(0.2) ? { ...mean, name: net.node('Dropout', [mean.name]) } : mean
  const logits = net.pick.chance(0.25) ? byConvolution(net, kept, classes) : dense(net, flattened(net, kept), x.channels, classes)
  return net.pick.choose<() => string>([
    () => logits,
    () => net.node('Softmax', [logits], { axis: net.pick.choose([1, -1]) }),
    () => net.node('Softmax', [logits], net.pick.chance(0.5) ? { axis: 1 } : {}),
    () => net.node('LogSoftmax', [logits], { axis: 1 }),
    () => net.node('Sigmoid', [logits]),
    () => net.node('Identity', [logits]),
  ])()
}

function byConvolution(net: Network, x: Feature, classes: number): string {
  const name = net.spatially(x, (nchw) => net.node('Conv', [nchw, net.weights([classes, x.channels, 1, 1], x.channels)]))
  return flattened(net, { ...x, name, channels: classes })
}
