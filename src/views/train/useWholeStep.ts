// Steps on an axis: a tick between two steps stays unlabelled.
import { useText } from '../../components/TextContext';

export function useWholeStep(): (step: number) => string {
  const { integer } = useText();
  return (step) => (Number.isInteger(step) ? integer(step) : '');
}
