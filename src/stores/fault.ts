// The fault that `?debug=` in the page's address plans. The engine strikes it once; whatever engine starts before that is given it.
import { create } from 'zustand';
import { parseFault, type FaultOffence, type FaultPlan } from '../config/fault';
import { request } from './engine';

export type PlannedFault =
  | { readonly phase: 'none' }
  | { readonly phase: 'refused'; readonly offence: FaultOffence; readonly given: string }
  | { readonly phase: 'planned'; readonly plan: FaultPlan }
  | { readonly phase: 'struck'; readonly plan: FaultPlan };

/** Of an address that is quoted to a person. */
const LONGEST_QUOTE = 60;

export const useFault = create<{ readonly fault: PlannedFault }>(() => ({ fault: { phase: 'none' } }));

/** @param search the query of the page's address, with its ? */
export function planFault(search: string): void {
  const given = new URLSearchParams(search).get('debug');
  if (given === null) return;
  const plan = parseFault(given);
  useFault.setState({
    fault: plan.ok
      ? { phase: 'planned', plan: plan.value }
      : { phase: 'refused', offence: plan.error, given: given.slice(0, LONGEST_QUOTE) },
  });
}

/** What has struck is known. */
export const dismissFault = (): void => useFault.setState({ fault: { phase: 'none' } });

/** Gives the fault to the engine that has just started. Resolves when it has struck, or that engine was ended. */
export async function plantFault(): Promise<void> {
  const { fault } = useFault.getState();
  if (fault.phase !== 'planned') return;
  const reply = await request({ kind: 'plantFault', plan: fault.plan });
  // An engine that died of it may not have come to say so.
  if (reply.ok || reply.error.code !== 'cancelled') useFault.setState({ fault: { phase: 'struck', plan: fault.plan } });
}
