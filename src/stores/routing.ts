// What the router did in the last steps: a ring buffer beside React, and a version that says when it moved.
import { create } from 'zustand';
import { RingBuffer } from '../core/ringBuffer';
import type { StepRouting } from '../protocol/events';

export const ROUTING_STEPS = 512;
/** Steps of the moving average that the heatmap offers instead of the last step. */
export const AVERAGE_STEPS = 20;

export const routingBuffer = new RingBuffer<StepRouting>(ROUTING_STEPS);

export const useRouting = create<{ readonly version: number }>(() => ({ version: 0 }));

export function receiveRouting(steps: readonly StepRouting[]): void {
  if (steps.length === 0) return;
  for (const step of steps) routingBuffer.push(step);
  useRouting.setState({ version: routingBuffer.version });
}

export function clearRouting(): void {
  routingBuffer.clear();
  useRouting.setState({ version: routingBuffer.version });
}

/** Position in the buffer of `step`, or of the nearest step kept; 'live' is the newest. −1 where nothing is kept. */
export function routingIndex(step: number | 'live'): number {
  const newest = routingBuffer.length - 1;
  if (step === 'live' || newest < 0) return newest;
  const first = routingBuffer.at(0)!.step;
  return Math.min(newest, Math.max(0, step - first));
}

export function routingAt(step: number | 'live'): StepRouting | undefined {
  return routingBuffer.at(routingIndex(step));
}

/** Sum of the loads [L, E] of the last `count` steps up to buffer position `index`, and how many steps it spans. */
export function summedLoad(index: number, count: number): { readonly load: Float32Array; readonly steps: number } {
  const from = Math.max(0, index - count + 1);
  const load = new Float32Array(routingBuffer.at(index)?.load.length ?? 0);
  for (let i = from; i <= index; i++) {
    const step = routingBuffer.at(i)!.load;
    for (let cell = 0; cell < load.length; cell++) load[cell]! += step[cell]!;
  }
  return { load, steps: index < 0 ? 0 : index - from + 1 };
}

/** One expert's values of `field` over the kept steps of `layer`, oldest first. */
export function expertTrajectory(
  field: 'load' | 'bias',
  layer: number,
  expert: number,
): { readonly steps: Float64Array; readonly values: Float64Array } {
  const steps = new Float64Array(routingBuffer.length);
  const values = new Float64Array(routingBuffer.length);
  for (let i = 0; i < steps.length; i++) {
    const routing = routingBuffer.at(i)!;
    steps[i] = routing.step;
    values[i] = routing[field][layer * routing.experts + expert] ?? NaN;
  }
  return { steps, values };
}
