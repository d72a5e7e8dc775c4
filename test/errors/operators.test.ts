/** What a person reads where a node breaks a rule of its operator, or asks for what is not supported: every such text. */

import { type Row, table } from './refused.ts'

const X = '1x3x8x9'
const FLOAT = 'hint: cast to float32 before it'
const EVAL = 'hint: export the model in eval mode'

table('Conv', [
  [`Conv ${X}:int32 =2x3x1x1:int32`, {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['Conv 1x3 =2x3', {}, 'invalid-node: input has rank 2; its shape must be [N, C, spatial dimensions]'],
  [
    'Conv 1x3x4x4x4 =2x3x1x1x1',
    {},
    'unsupported-node: rank 5: only 1-D and 2-D spatial operators are supported\nhint: three-dimensional networks cannot be compiled',
  ],
  [`Conv ${X} =2x3x1`, {}, 'invalid-node: weights of rank 3 for an input of rank 4'],
  [`Conv ${X} =2x3x0x1`, {}, 'invalid-node: weights of shape [2,3,0,1] have an empty kernel'],
  [`Conv ${X} =2x3x1x2`, { kernel_shape: [1, 1] }, "invalid-node: kernel_shape [1,1] differs from the weights' [1,2]"],
  [`Conv ${X} =2x3x1x2`, { kernel_shape: [2, 2] }, "invalid-node: kernel_shape [2,2] differs from the weights' [1,2]"],
  [`Conv ${X} =2x3x1x2`, { kernel_shape: [1] }, 'invalid-node: kernel_shape [1] must have 2 elements'],
  [`Conv ${X} =2x3x1x1`, { group: 0 }, 'invalid-node: group = 0 must be at least 1'],
  [`Conv ${X} =2x3x1x1`, { group: 2 }, 'invalid-node: 3 input channels for weights of 3 in 2 groups'],
  [`Conv ${X} =2x1x1x1`, { group: 3 }, 'invalid-node: 2 output channels do not divide into 3 groups'],
  [`Conv ${X} =2x3x1x1 =3`, {}, 'invalid-node: bias [3] for 2 output channels'],
  [`Conv ${X} =2x3x1x1:float16`, {}, 'invalid-node: operands differ in dtype'],
  [`Conv ${X} =2x3x1x1`, { strides: [0, 1] }, 'invalid-node: strides [0,1] and dilations [1,1] must be at least 1'],
  [`Conv ${X} =2x3x1x1`, { dilations: [1, 0] }, 'invalid-node: strides [1,1] and dilations [1,0] must be at least 1'],
  [`Conv ${X} =2x3x1x1`, { pads: [1, 1] }, 'invalid-node: pads [1,1] must have 4 elements'],
  [`Conv ${X} =2x3x1x1`, { pads: [0, 2 ** 40, 0, 0] }, 'invalid-node: pads [0,1099511627776,0,0] overflow the limit of 268435456'],
  [`Conv ${X} =2x3x1x1`, { pads: [-1, 0, 0, 0] }, 'unsupported-node: negative pads [-1,0,0,0]\nhint: use a Slice before the operator'],
  [
    `Conv ${X} =2x3x1x1`,
    { pads: [1, 0, 0, 0], auto_pad: 'SAME_UPPER' },
    'invalid-node: pads [1,0,0,0] together with auto_pad = "SAME_UPPER"',
  ],
  [`Conv ${X} =2x3x1x1`, { auto_pad: 'SAME' }, 'invalid-node: auto_pad = "SAME" is unknown'],
  [
    `Conv ${X} =2x3x9x9`,
    { dilations: [1, 2], pads: [0, 1, 2, 3] },
    'invalid-node: kernel 9×9 with dilations [1,2] does not fit into dimensions 8×9 with pads [0,1,2,3]',
  ],
  [`Conv ${X}`, {}, 'invalid-node: has 1 inputs, needs at least 2'],
  [`Conv ${X} _ =2`, {}, 'invalid-node: required input 1 is missing'],
  [`Conv ${X} =2x3x1x1 =2 =2`, {}, 'invalid-node: has 4 inputs, takes at most 3'],
  [`Conv ${X} =2x3x1x1 > y z`, {}, 'invalid-node: has 2 outputs, makes at most 1'],
])

table('ConvTranspose', [
  [`ConvTranspose ${X}:int32 =3x2x1x1:int32`, {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  [`ConvTranspose ${X} =3x2x1`, {}, 'invalid-node: weights of rank 3 for an input of rank 4'],
  [`ConvTranspose ${X} =2x3x1x1`, {}, 'invalid-node: weights of shape [2,3,1,1] in 1 groups for 3 input channels'],
  [`ConvTranspose ${X} =3x2x1x1`, { group: 0 }, 'invalid-node: weights of shape [3,2,1,1] in 0 groups for 3 input channels'],
  [`ConvTranspose ${X} =3x2x1x1`, { group: 2 }, 'invalid-node: weights of shape [3,2,1,1] in 2 groups for 3 input channels'],
  [`ConvTranspose ${X} =3x2x1x0`, {}, 'invalid-node: weights have an empty kernel [1,0]'],
  [`ConvTranspose ${X} =3x2x1x2`, { kernel_shape: [2, 2] }, "invalid-node: kernel_shape [2,2] differs from the weights' [1,2]"],
  [`ConvTranspose ${X} =3x2x1x2`, { kernel_shape: [1, 1] }, "invalid-node: kernel_shape [1,1] differs from the weights' [1,2]"],
  [`ConvTranspose ${X} =3x2x1x1`, { strides: [0, 1] }, 'invalid-node: strides [0,1] and dilations [1,1] must be at least 1'],
  [`ConvTranspose ${X} =3x2x1x1`, { output_padding: [0, -1] }, 'invalid-node: output_padding [0,-1] is negative'],
  [`ConvTranspose ${X} =3x2x1x1`, { auto_pad: 'SAME' }, 'invalid-node: auto_pad = "SAME" is unknown'],
  [`ConvTranspose ${X} =3x2x1x1`, { pads: [4, 0, 4, 0] }, 'invalid-node: the result has extents [0,9]'],
  [`ConvTranspose ${X} =3x2x1x1 =3`, {}, 'invalid-node: bias [3] for 2 output channels'],
  [`ConvTranspose ${X} =3x2x1x1 =1x2`, {}, 'invalid-node: bias [1,2] for 2 output channels'],
  [
    `ConvTranspose ${X} =3x2x1x1`,
    { strides: [300000000, 1] },
    'invalid-node: strides, dilations and output_padding [300000000,1,1,1,0,0] overflow the limit of 268435456',
  ],
])

table('pools', [
  [`MaxPool ${X}`, {}, 'invalid-node: required attribute kernel_shape is missing'],
  [`MaxPool ${X}`, { kernel_shape: [0, 2] }, 'invalid-node: kernel_shape [0,2] must be at least 1'],
  [`AveragePool ${X}:int8`, { kernel_shape: [2, 2] }, `unsupported-node: element type int8 is not supported by this operator\n${FLOAT}`],
  ['GlobalAveragePool 4', {}, 'invalid-node: input has rank 1; its shape must be [N, C, spatial dimensions]'],
  [`GlobalMaxPool ${X}:int8`, {}, `unsupported-node: element type int8 is not supported by this operator\n${FLOAT}`],
])

table('normalisation', [
  [`BatchNormalization ${X} =3 =3 =3 =2`, {}, 'invalid-node: var has shape [2], must have [3]'],
  [`BatchNormalization@7 ${X} =3 =3 =3 =3`, { spatial: 0 }, 'invalid-node: scale has shape [3], must have [3,8,9]'],
  ['BatchNormalization [] =1 =1 =1 =1', {}, 'invalid-node: input has rank 0; its shape must be [N, C, spatial dimensions]'],
  [`BatchNormalization ${X} =3 =3 =3:int32 =3`, {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  [`BatchNormalization ${X} =3 =3 =3 =3`, { training_mode: 1 }, `unsupported-node: training_mode = 1 is not supported\n${EVAL}`],
  [`BatchNormalization@9 ${X} =3 =3 =3 =3 > y mean`, {}, `unsupported-node: output 1 exists only in training\n${EVAL}`],
  [`Softmax@11 ${X}:int32`, {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['LogSoftmax 2x3', { axis: 2 }, 'invalid-node: axis 2 is out of range for rank 2'],
])

table('activations', [
  ['Relu 2:int32 > y z', {}, 'invalid-node: has 2 outputs, makes at most 1'],
  ['Sigmoid 2:int32', {}, 'invalid-node: not defined on elements of type int32'],
  ['Relu 2:bool', {}, 'invalid-node: not defined on elements of type bool'],
  ['Clip 2 =2', {}, 'invalid-node: bound must be a scalar, has shape [2]'],
  ['Clip 2 _ =[1]:int32', {}, 'invalid-node: bound of type int32 for an input of type float32'],
  ['Clip 2 =[NaN]', {}, 'unsupported-node: a Clip bound is NaN\nhint: the model is damaged'],
  ['PRelu 2x1 =3', {}, 'invalid-node: slope [3] does not broadcast to [2,1]'],
  ['Gelu@20 2', { approximate: 'erf' }, 'invalid-node: approximate = "erf" must be none or tanh'],
])

table('arithmetic', [
  ['Add 2 =2:int32', {}, 'invalid-node: operands have dtypes float32 and int32'],
  ['Add 2:bool =2:bool', {}, 'invalid-node: not defined on elements of type bool'],
  ['Sum 2 3 4', {}, 'invalid-node: shapes [2] and [3] do not broadcast'],
  ['Pow@7 2 2:int32', {}, 'invalid-node: operands have types float32 and int32'],
  ['Mean 2:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['Max 2 _ 2', {}, 'invalid-node: required input 1 is missing'],
])

table('matrix products', [
  ['Gemm 2x3 =3', {}, 'invalid-node: operands must have rank 2, one has shape [3]'],
  ['Gemm 2x3 =3x4 =5', {}, 'invalid-node: shapes [2,4] and [5] do not broadcast'],
  ['Gemm 2x3 =3x1 =5', {}, 'invalid-node: C of shape [5] does not broadcast to [2,1]'],
  ['Gemm 2x3 =2x4', {}, 'invalid-node: inner extents 3 and 2 differ'],
  ['Gemm 2x3:int32 =3x4:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['MatMul 2x3 =3x4:float16', {}, 'invalid-node: operands have dtypes float32 and float16'],
  ['MatMul 2x3 []', {}, 'invalid-node: a scalar operand has no matrix product'],
  ['MatMul [] =3x4', {}, 'invalid-node: a scalar operand has no matrix product'],
])

table('logic', [
  ['Equal 2 =2:int32', {}, 'invalid-node: operands have dtypes float32 and int32'],
  ['And 2:bool =2:int32', {}, 'invalid-node: operand of type int32 must be bool'],
  ['And 2:int32 =2:bool', {}, 'invalid-node: condition of dtype int32'],
  ['Not 2', {}, 'invalid-node: operand of type float32 must be bool'],
  ['Where 2 2 2', {}, 'invalid-node: operand of type float32 must be bool'],
  ['Where 2:bool 2 2:int32', {}, 'invalid-node: operands have types float32 and int32'],
  ['Where 2:bool 3 2', {}, 'invalid-node: shapes [2] and [3] and [2] do not broadcast'],
  ['Range =[0]:int64 =[1]:int64 =[0]:int64', {}, 'invalid-node: a range from 0 to 1 in steps of 0 has no end'],
  ['Range =[0] =[1000000000] =[1]', {}, 'invalid-node: extents [1000000000] overflow the limit of 268435456'],
  [
    'Range =[0] =[100000000] =[1]',
    {},
    'too-large: this constant takes more elements or work to compute when compiling than the limits foldedElements and foldedWork allow\nhint: simplify the model before (onnxsim), or raise the limits',
  ],
  [
    'Range 1 =[1] =[1]',
    {},
    'unsupported-node: input 0 is not known when compiling\nhint: export with a constant input 0, or fix every symbolic dimension it is computed from',
  ],
])

table('reductions', [
  ['ReduceMean 2:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['ReduceL2 2:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['ReduceLogSum 2:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['ReduceLogSumExp 2:int32', {}, `unsupported-node: element type int32 is not supported by this operator\n${FLOAT}`],
  ['ReduceSum 2:bool', {}, 'invalid-node: not defined on elements of type bool'],
  ['ReduceMax 2x3', { axes: [1, -1] }, 'invalid-node: axes [1,-1] name an axis twice'],
  ['ReduceMin 2x3', { axes: [2] }, 'invalid-node: axes: 2 is out of range for rank 2'],
  ['ReduceSum 2x3 =[1.5]', {}, 'invalid-node: axes must be a list of integers, is float32 [1]'],
  ['ReduceSum 2x3 =2x2:int64', {}, 'invalid-node: axes must be a list of integers, is int64 [2,2]'],
  ['ReduceSum 2x3 =[1]:bool', {}, 'invalid-node: axes must be a list of integers, is bool [1]'],
  ...['ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp'].map(
    (op): Row => [
      `${op}@18 2x3`,
      { noop_with_empty_axes: 1 },
      'unsupported-node: noop_with_empty_axes = 1 is not supported by this operator\nhint: give axes',
    ],
  ),
])

table('order', [
  ['ArgMax 2x3', { axis: 2 }, 'invalid-node: axis 2 is out of range for rank 2'],
  ['ArgMin 2x0', { axis: 1 }, 'invalid-node: axis 1 of [2,0] is empty'],
  ['ArgMax 2:bool', {}, 'invalid-node: not defined on elements of type bool'],
  ['TopK 2x3 =[4]:int64 > v i', {}, 'invalid-node: k = 4 of an extent of 3 must be from 0 to that'],
  ['TopK 2x3 =[-1]:int64 > v i', {}, 'invalid-node: k = -1 of an extent of 3 must be from 0 to that'],
  ['TopK 2x3 =[1,2]:int64 > v i', {}, 'invalid-node: k must have one element'],
  ['TopK 2x3 =0:int64 > v i', {}, 'invalid-node: k must have one element'],
  ['TopK 2:bool =[1]:int64 > v i', {}, 'invalid-node: not defined on elements of type bool'],
  ['GatherElements 2x3 =1x1:float32', {}, 'invalid-node: indices of dtype float32'],
  ['GatherElements 2x3 =3x1:int64', { axis: 1 }, 'invalid-node: indices [3,1] into [2,3] along axis 1'],
  ['GatherElements 3 =[3]:int64', {}, 'invalid-node: index 3 is out of range for an axis of extent 3'],
  ['GatherElements 3 =[-4]:int64', {}, 'invalid-node: index -4 is out of range for an axis of extent 3'],
])
