// Spans of a step in ms: with two decimals where they are short.
import { useText } from '../../components/TextContext';

export function useMilliseconds(): (value: number) => string {
  const { fixed } = useText();
  return (value) => `${fixed(value, value < 10 ? 2 : 1)} ms`;
}
