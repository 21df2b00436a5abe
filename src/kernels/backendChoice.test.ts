import { describe, expect, test } from 'vitest';
import { chooseBackend, isHardware, type AdapterFacts } from './backendChoice';

const gpu: AdapterFacts = { isFallback: false, names: ['nvidia', 'ampere', '', ''] };
const fallback: AdapterFacts = { isFallback: true, names: ['google', 'swiftshader'] };
const disguised: AdapterFacts = { isFallback: false, names: ['mesa', '', '', 'llvmpipe (LLVM 15)'] };

describe('what an adapter is', () => {
  test('an adapter of a GPU is hardware', () => expect(isHardware(gpu)).toBe(true));
  test('a fallback adapter is not', () => expect(isHardware(fallback)).toBe(false));
  test('a software renderer is recognised by its name', () => expect(isHardware(disguised)).toBe(false));
});

describe('the automatic choice', () => {
  test('takes a GPU where there is one, and has WASM and cpu to fall back on', () => {
    expect(chooseBackend([gpu, fallback], 'auto')).toEqual({
      order: ['webgpu', 'wasm', 'cpu'],
      reason: 'hardware-adapter',
      available: ['webgpu', 'webgpu-software', 'wasm', 'cpu'],
    });
  });
  test.each([[[]], [[fallback]], [[disguised]]])('never takes a software adapter', (adapters) => {
    const plan = chooseBackend(adapters, 'auto');
    expect(plan.order).toEqual(['wasm', 'cpu']);
    expect(plan.reason).toBe('no-hardware-adapter');
  });
});

describe('a choice of the person', () => {
  test.each(['webgpu', 'webgpu-software', 'wasm', 'cpu'] as const)('%s is tried first, whatever was found', (choice) => {
    const plan = chooseBackend([], choice);
    expect(plan.order[0]).toBe(choice);
    expect(plan.order.at(-1)).toBe('cpu');
    expect(plan.reason).toBe('chosen');
  });
  test('what is not there is not offered', () => {
    expect(chooseBackend([fallback], 'cpu').available).toEqual(['webgpu-software', 'wasm', 'cpu']);
    expect(chooseBackend([], 'cpu').available).toEqual(['wasm', 'cpu']);
  });
});
