// The WGSL of one dispatch: one program, or several side by side that share their bindings. Each program's workgroups follow on those of the
// one before it, so which program a workgroup runs is the same for all of its threads.
import type { TensorInfo } from '@tensorflow/tfjs-core';

export const WORKGROUP = 64;

/** A tensor under the name a program's text has for it. */
export interface Bound {
  readonly name: string;
  readonly tensor: TensorInfo;
}

/** One program with what it runs on. */
export interface Part {
  /** Different for every different text. */
  readonly key: string;
  readonly name: string;
  readonly declarations: () => string;
  /** Body of `main(index: i32)`. */
  readonly body: () => string;
  /** Threads beyond the count return at once; otherwise whole workgroups run, which may meet at barriers. */
  readonly guarded: boolean;
  readonly outputs: readonly Bound[];
  readonly inputs: readonly Bound[];
  readonly ints: readonly (readonly [string, number])[];
  readonly floats: readonly (readonly [string, number])[];
  readonly threads: number;
}

export const workgroupsOf = ({ threads }: Part): number => Math.ceil(threads / WORKGROUP);

const wgslType = (dtype: string) => (dtype === 'float32' ? 'f32' : 'i32');
const declared = /\b(?:fn|const|var<private>)\s+(\w+)/g;
const shared = /var<workgroup>\s+\w+\s*:[^;]*;\n?/g;

/** `text` with whole words renamed, except behind a dot. */
function renamed(text: string, names: ReadonlyMap<string, string>): string {
  if (names.size === 0) return text;
  const words = new RegExp(`(?<![.\\w])(?:${[...names.keys()].join('|')})(?!\\w)`, 'g');
  return text.replace(words, (word) => names.get(word)!);
}

/** The parts' distinct tensors, those that are written first: their bindings, in order. */
export function bindingsOf(parts: readonly Part[]): { outputs: TensorInfo[]; inputs: TensorInfo[] } {
  const distinct = (tensors: readonly Bound[]) => [
    ...new Map(tensors.map(({ tensor }) => [tensor.dataId, tensor] as const)).values(),
  ];
  return { outputs: distinct(parts.flatMap(({ outputs }) => outputs)), inputs: distinct(parts.flatMap(({ inputs }) => inputs)) };
}

/** Names every program and which of their tensors are the same one. */
export function keyOf(parts: readonly Part[], bound: readonly TensorInfo[]): string {
  const placeOf = new Map(bound.map(({ dataId }, place) => [dataId, place] as const));
  return parts
    .map(({ key, outputs, inputs }) => `${key}@${[...outputs, ...inputs].map(({ tensor }) => placeOf.get(tensor.dataId)).join()}`)
    .join('\n');
}

/** WGSL with entry point `start`; tensor n of `bound` is binding n, the uniforms are the last. The first `outputs` are written. */
export function textOf(parts: readonly Part[], bound: readonly TensorInfo[], outputs: number): string {
  const placeOf = new Map(bound.map(({ dataId }, place) => [dataId, place] as const));
  const memory = new Set<string>();
  const fields: string[] = [];
  const programs = parts.map((part, number) => {
    const declarations = part.declarations();
    for (const line of declarations.match(shared) ?? []) memory.add(line.trim());
    const names = new Map([...declarations.matchAll(declared)].map(([, name]) => [name!, `${name!}_${number}`]));
    for (const { name, tensor } of [...part.outputs, ...part.inputs]) names.set(name, `bound${placeOf.get(tensor.dataId)!}`);
    const own = (text: string) => renamed(text.replace(/\buniforms\.(\w+)/g, `uniforms.$1_${number}`), names);
    fields.push(`end_${number}: i32`, ...['threads', ...part.ints.map(([name]) => name)].map((name) => `${name}_${number}: i32`));
    fields.push(...part.floats.map(([name]) => `${name}_${number}: f32`));
    return `${own(declarations.replace(shared, ''))}
fn main_${number}(index: i32) {
  ${part.guarded ? `if (index >= uniforms.threads_${number}) { return; }` : ''}
  ${own(part.body())}
}`;
  });
  const bindings = bound.map(
    ({ dtype }, place) => `var<storage, ${place < outputs ? 'read_write' : 'read'}> bound${place}: array<${wgslType(dtype)}>;`,
  );
  return `struct Uniforms { ${fields.join(', ')} };
${[...bindings, 'var<uniform> uniforms: Uniforms;'].map((binding, at) => `@group(0) @binding(${at}) ${binding}`).join('\n')}
${[...memory].join('\n')}
${programs.join('\n')}
@compute @workgroup_size(${WORKGROUP})
fn start(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let own = i32(group.y * groups.x + group.x);
  ${parts
    .map((_, number) => {
      const before = number === 0 ? '' : ` - uniforms.end_${number - 1}`;
      return `if (own < uniforms.end_${number}) { main_${number}((own${before}) * ${WORKGROUP} + i32(local)); return; }`;
    })
    .join('\n  ')}
}`;
}

/** Values of the uniforms, in the order `textOf` declares them. */
export function uniformsOf(parts: readonly Part[]): { type: 'int32' | 'float32'; data: number[] }[] {
  let end = 0;
  return parts.flatMap((part) => {
    end += workgroupsOf(part);
    const ints = [end, part.threads, ...part.ints.map(([, value]) => value)];
    return [
      ...ints.map((value) => ({ type: 'int32' as const, data: [value] })),
      ...part.floats.map(([, value]) => ({ type: 'float32' as const, data: [value] })),
    ];
  });
}
